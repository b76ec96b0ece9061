;; Prints args[1] lines "line <n>" counted from 1, one fd_write each; with an args[2], even ones go to stderr.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 2)
  (func $parse (param $at i32) (result i32)
    (local $number i32) (local $digit i32)
    (block $done
      (loop $next
        (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
        (br_if $done (i32.ge_u (local.get $digit) (i32.const 10)))
        (local.set $number (i32.add (i32.mul (local.get $number) (i32.const 10)) (local.get $digit)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $number))
  ;; Puts "line <n>\n" in front of address 256 and returns where it begins.
  (func $format (param $number i32) (result i32)
    (local $at i32)
    (local.set $at (i32.const 255))
    (i32.store8 (local.get $at) (i32.const 10))
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10))))
      (local.set $number (i32.div_u (local.get $number) (i32.const 10)))
      (br_if $next (local.get $number)))
    (local.set $at (i32.sub (local.get $at) (i32.const 5)))
    (i32.store (local.get $at) (i32.const 0x656e696c))
    (i32.store8 offset=4 (local.get $at) (i32.const 32))
    (local.get $at))
  (func (export "_start")
    (local $count i32) (local $line i32) (local $both i32) (local $at i32)
    (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
    (if (i32.lt_u (i32.load (i32.const 0)) (i32.const 2)) (then (call $proc_exit (i32.const 2))))
    (local.set $both (i32.gt_u (i32.load (i32.const 0)) (i32.const 2)))
    (drop (call $args_get (i32.const 1024) (i32.const 65536)))
    (local.set $count (call $parse (i32.load (i32.const 1028))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $line) (local.get $count)))
        (local.set $line (i32.add (local.get $line) (i32.const 1)))
        (local.set $at (call $format (local.get $line)))
        (i32.store (i32.const 0) (local.get $at))
        (i32.store (i32.const 4) (i32.sub (i32.const 256) (local.get $at)))
        (if (call $fd_write
              (i32.add (i32.const 1)
                (i32.and (local.get $both) (i32.eqz (i32.and (local.get $line) (i32.const 1)))))
              (i32.const 0) (i32.const 1) (i32.const 8))
          (then (call $proc_exit (i32.const 1))))
        (br $next)))))
