;; Traps at an unreachable instruction.
;; SPDX-License-Identifier: Apache-2.0
(module
  (func (export "wasi:cli/run@0.2.10#run") (result i32)
    (unreachable)))
