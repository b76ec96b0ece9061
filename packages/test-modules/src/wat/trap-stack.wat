;; Traps because it calls itself without end.
;; SPDX-License-Identifier: Apache-2.0
(module
  (memory (export "memory") 1)
  (func $deeper (export "_start") (call $deeper)))
