;; Prints each argument, args[0] first, exactly its bytes, on a line of its own.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 64)
  ;; The pointers are at 1024, the strings at 1 MiB; each string's NUL becomes its line feed.
  (func (export "_start")
    (local $at i32) (local $end i32)
    (drop (call $sizes_get (i32.const 0) (i32.const 4)))
    (drop (call $get (i32.const 1024) (i32.const 1048576)))
    (local.set $at (i32.const 1048576))
    (local.set $end (i32.add (local.get $at) (i32.load (i32.const 4))))
    (i32.store (i32.const 8) (local.get $at))
    (i32.store (i32.const 12) (i32.load (i32.const 4)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (if (i32.eqz (i32.load8_u (local.get $at)))
          (then (i32.store8 (local.get $at) (i32.const 10))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16)))))
