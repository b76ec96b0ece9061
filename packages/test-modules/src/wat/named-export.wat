;; Prints "from _start"; the function "greet" prints "from greet", "fail" exits with 3, "exit" with its parameter.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\20\00\00\00\0c\00\00\00\30\00\00\00\0b\00\00\00")
  (data (i32.const 32) "from _start\n")
  (data (i32.const 48) "from greet\n")
  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))
  (func (export "greet")
    (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16))))
  (func (export "fail")
    (call $proc_exit (i32.const 3)))
  (func (export "exit") (param $code i32)
    (call $proc_exit (local.get $code))))
