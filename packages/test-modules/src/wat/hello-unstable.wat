;; Writes "hello unstable" to stdout through wasi_unstable, the first name of preview 1, and seeks by its numbers.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi_unstable" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_unstable" "fd_filestat_get" (func $fd_filestat_get (param i32 i32) (result i32)))
  (import "wasi_unstable" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_unstable" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\0f\00\00\00")
  (data (i32.const 16) "hello unstable\n")
  (data (i32.const 48) "file")
  (func $require (param $condition i32)
    (if (i32.eqz (local.get $condition)) (then (call $proc_exit (i32.const 1)))))
  (func (export "_start")
    (call $require (i32.eqz
      (call $path_open (i32.const 3) (i32.const 0) (i32.const 48) (i32.const 4)
        (i32.const 0) (i64.const 2) (i64.const 2) (i32.const 0) (i32.const 64))))
    ;; The file has 5 bytes: whence 1 is from the end, 0 from the position, 2 from the start.
    (drop (call $fd_seek (i32.load (i32.const 64)) (i64.const -1) (i32.const 1) (i32.const 72)))
    (call $require (i64.eq (i64.load (i32.const 72)) (i64.const 4)))
    (drop (call $fd_seek (i32.load (i32.const 64)) (i64.const -2) (i32.const 0) (i32.const 72)))
    (call $require (i64.eq (i64.load (i32.const 72)) (i64.const 2)))
    (drop (call $fd_seek (i32.load (i32.const 64)) (i64.const 1) (i32.const 2) (i32.const 72)))
    (call $require (i64.eq (i64.load (i32.const 72)) (i64.const 1)))
    ;; A link count of 32 bits at 20, the size at 24, 56 bytes in all.
    (i64.store (i32.const 184) (i64.const 77))
    (drop (call $fd_filestat_get (i32.load (i32.const 64)) (i32.const 128)))
    (call $require (i32.eq (i32.load (i32.const 148)) (i32.const 1)))
    (call $require (i64.eq (i64.load (i32.const 152)) (i64.const 5)))
    (call $require (i64.eq (i64.load (i32.const 184)) (i64.const 77)))
    ;; A clock subscription at 256: 8 bytes of identifier, then the clock and its time.
    (i64.store (i32.const 256) (i64.const 5))
    (i64.store (i32.const 272) (i64.const 0x00ffffffffffffff))
    (i32.store (i32.const 280) (i32.const 1))
    (i64.store (i32.const 288) (i64.const 1000))
    (call $require (i32.eqz (call $poll_oneoff (i32.const 256) (i32.const 512) (i32.const 1) (i32.const 72))))
    (call $require (i64.eq (i64.load (i32.const 512)) (i64.const 5)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
