;; Exits with the decimal number in args[1]; 0 without one.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 2)
  (func (export "_start")
    (local $code i32) (local $at i32) (local $digit i32)
    (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
    (if (i32.gt_u (i32.load (i32.const 0)) (i32.const 1))
      (then
        (drop (call $args_get (i32.const 1024) (i32.const 65536)))
        (local.set $at (i32.load (i32.const 1028)))
        (loop $next
          (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
          (if (i32.lt_u (local.get $digit) (i32.const 10))
            (then
              (local.set $code (i32.add (i32.mul (local.get $code) (i32.const 10)) (local.get $digit)))
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br $next))))))
    (call $proc_exit (local.get $code))))
