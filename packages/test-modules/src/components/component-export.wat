;; Exports the functions greet, which answers "hello from a component", and add; nothing runs by itself.
;; SPDX-License-Identifier: Apache-2.0
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\16\00\00\00") ;; the string: where it is and its length
  (data (i32.const 16) "hello from a component")
  (func (export "greet") (result i32)
    (i32.const 0))
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))
