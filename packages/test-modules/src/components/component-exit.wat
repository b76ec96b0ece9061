;; Exits with the number in args[1]; without one, its run answers an error.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi:cli/environment@0.2.10" "get-arguments" (func $get_arguments (param i32)))
  (import "wasi:cli/exit@0.2.12" "exit-with-code" (func $exit (param i32)))
  (memory (export "memory") 2)
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
  (func (export "wasi:cli/run@0.2.10#run") (result i32)
    (local $at i32) (local $end i32) (local $code i32)
    (call $get_arguments (i32.const 0)) ;; a pointer to strings at 0, their number at 4
    (if (i32.lt_u (i32.load (i32.const 4)) (i32.const 2))
      (then (return (i32.const 1))))
    (local.set $at (i32.load offset=8 (i32.load (i32.const 0))))
    (local.set $end (i32.add (local.get $at) (i32.load offset=12 (i32.load (i32.const 0)))))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $end))
        (then
          (local.set $code
            (i32.add
              (i32.mul (local.get $code) (i32.const 10))
              (i32.sub (i32.load8_u (local.get $at)) (i32.const 48))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (call $exit (local.get $code))
    (unreachable)))
