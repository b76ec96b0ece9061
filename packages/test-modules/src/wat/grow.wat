;; Grows its memory by args[1] MiB and writes to each page; prints "grown", or exits 1 when it cannot grow.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 0) "\10\00\00\00\06\00\00\00")
  (data (i32.const 16) "grown\n")
  (func (export "_start")
    (local $mebibytes i32) (local $at i32) (local $digit i32) (local $end i32)
    (drop (call $args_get (i32.const 1024) (i32.const 65536)))
    (local.set $at (i32.load (i32.const 1028)))
    (loop $next
      (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
      (if (i32.lt_u (local.get $digit) (i32.const 10))
        (then
          (local.set $mebibytes (i32.add (i32.mul (local.get $mebibytes) (i32.const 10)) (local.get $digit)))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (local.set $at (i32.shl (memory.size) (i32.const 16)))
    (if (i32.lt_s (memory.grow (i32.mul (local.get $mebibytes) (i32.const 16))) (i32.const 0))
      (then (call $proc_exit (i32.const 1))))
    (local.set $end (i32.shl (memory.size) (i32.const 16)))
    (block $done
      (loop $touch
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (i32.store8 (local.get $at) (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 4096)))
        (br $touch)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
