;; Prints "sleeping", sleeps args[1] seconds (an hour without) in poll_oneoff, prints "awake".
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 16) "\20\00\00\00\09\00\00\00\30\00\00\00\06\00\00\00")
  (data (i32.const 32) "sleeping\n")
  (data (i32.const 48) "awake\n")
  (func (export "_start")
    (local $seconds i64) (local $at i32) (local $digit i32)
    (local.set $seconds (i64.const 3600))
    (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
    (if (i32.gt_u (i32.load (i32.const 0)) (i32.const 1))
      (then
        (local.set $seconds (i64.const 0))
        (drop (call $args_get (i32.const 1024) (i32.const 65536)))
        (local.set $at (i32.load (i32.const 1028)))
        (loop $next
          (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
          (if (i32.lt_u (local.get $digit) (i32.const 10))
            (then
              (local.set $seconds
                (i64.add (i64.mul (local.get $seconds) (i64.const 10)) (i64.extend_i32_u (local.get $digit))))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br $next))))))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 0)))
    ;; One subscription at 128: the monotonic clock, relative.
    (i32.store (i32.const 144) (i32.const 1))
    (i64.store (i32.const 152) (i64.mul (local.get $seconds) (i64.const 1000000000)))
    (if (call $poll_oneoff (i32.const 128) (i32.const 192) (i32.const 1) (i32.const 0))
      (then (call $proc_exit (i32.const 1))))
    (drop (call $fd_write (i32.const 1) (i32.const 24) (i32.const 1) (i32.const 0)))))
