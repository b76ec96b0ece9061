;; Imports "env" "nope", which no engine has.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "env" "nope" (func $nope))
  (memory (export "memory") 1)
  (func (export "_start") (call $nope)))
