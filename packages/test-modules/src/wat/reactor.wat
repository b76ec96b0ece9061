;; Has no _start: "_initialize" prepares what "greet" prints, "not initialized" if it was not called.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\30\00\00\00\10\00\00\00")
  (data (i32.const 32) "initialized\n")
  (data (i32.const 48) "not initialized\n")
  (func (export "_initialize")
    (i32.store (i32.const 0) (i32.const 32))
    (i32.store (i32.const 4) (i32.const 12)))
  (func (export "greet")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))
