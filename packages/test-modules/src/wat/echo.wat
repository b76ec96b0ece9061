;; Copies stdin to stdout until the end, 64 KiB at a time; exits 1 when a call fails.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 2)
  (func (export "_start")
    (local $at i32) (local $left i32)
    (loop $again
      (i32.store (i32.const 0) (i32.const 65536))
      (i32.store (i32.const 4) (i32.const 65536))
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
        (then (call $proc_exit (i32.const 1))))
      (local.set $left (i32.load (i32.const 8)))
      (local.set $at (i32.const 65536))
      (if (local.get $left)
        (then
          (loop $more
            (i32.store (i32.const 0) (local.get $at))
            (i32.store (i32.const 4) (local.get $left))
            (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
              (then (call $proc_exit (i32.const 1))))
            (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
            (local.set $left (i32.sub (local.get $left) (i32.load (i32.const 8))))
            (br_if $more (local.get $left)))
          (br $again))))))
