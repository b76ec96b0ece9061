;; Prints "sleeping", waits args[1] seconds (an hour without) for wasi:clocks, prints "awake".
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi:cli/environment@0.2.10" "get-arguments" (func $get_arguments (param i32)))
  (import "wasi:cli/stdout@0.2.10" "get-stdout" (func $get_stdout (result i32)))
  (import "wasi:io/streams@0.2.10" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:clocks/monotonic-clock@0.2.10" "subscribe-duration"
    (func $subscribe (param i64) (result i32)))
  (import "wasi:io/poll@0.2.10" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.10" "[resource-drop]pollable" (func $drop (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 32) "sleeping\n")
  (data (i32.const 48) "awake\n")
  (global $free (mut i32) (i32.const 1024))
  ;; Nothing is ever freed or moved: the arguments fit, or the store of the host traps.
  (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at
      (i32.and
        (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func $seconds (result i64)
    (local $at i32) (local $end i32) (local $seconds i64)
    (call $get_arguments (i32.const 0)) ;; a pointer to strings at 0, their number at 4
    (if (i32.lt_u (i32.load (i32.const 4)) (i32.const 2))
      (then (return (i64.const 3600))))
    (local.set $at (i32.load offset=8 (i32.load (i32.const 0))))
    (local.set $end (i32.add (local.get $at) (i32.load offset=12 (i32.load (i32.const 0)))))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $end))
        (then
          (local.set $seconds
            (i64.add
              (i64.mul (local.get $seconds) (i64.const 10))
              (i64.extend_i32_u (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (local.get $seconds))
  (func (export "wasi:cli/run@0.2.10#run") (result i32)
    (local $out i32) (local $pollable i32)
    (local.set $out (call $get_stdout))
    (call $write (local.get $out) (i32.const 32) (i32.const 9) (i32.const 16))
    (local.set $pollable (call $subscribe (i64.mul (call $seconds) (i64.const 1000000000))))
    (call $block (local.get $pollable))
    (call $drop (local.get $pollable))
    (call $write (local.get $out) (i32.const 48) (i32.const 6) (i32.const 16))
    (i32.load8_u (i32.const 16))))
