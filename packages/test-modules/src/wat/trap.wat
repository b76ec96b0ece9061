;; Traps at an unreachable instruction.
;; SPDX-License-Identifier: Apache-2.0
(module
  (memory (export "memory") 1)
  (func (export "_start") (unreachable)))
