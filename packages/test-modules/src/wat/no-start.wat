;; Exports a memory and no function at all.
;; SPDX-License-Identifier: Apache-2.0
(module
  (memory (export "memory") 1)
  (func $unused))
