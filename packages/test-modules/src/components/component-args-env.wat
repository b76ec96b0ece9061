;; Prints each argument but the first on a line, then each environment variable.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi:cli/environment@0.2.10" "get-arguments" (func $get_arguments (param i32)))
  (import "wasi:cli/environment@0.2.10" "get-environment" (func $get_environment (param i32)))
  (import "wasi:cli/stdout@0.2.10" "get-stdout" (func $get_stdout (result i32)))
  (import "wasi:io/streams@0.2.10" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (memory (export "memory") 16)
  (data (i32.const 32) "=\n")
  (global $free (mut i32) (i32.const 1024))
  (global $out (mut i32) (i32.const 0))
  ;; Nothing is ever freed or moved: what there is fits, or the store of the host traps.
  (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at
      (i32.and
        (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  ;; A write takes at most 4096 bytes: https://github.com/WebAssembly/WASI/blob/v0.2.12/proposals/io/wit/streams.wit
  (func $print (param $at i32) (param $length i32)
    (local $now i32)
    (loop $more
      (local.set $now
        (select (local.get $length) (i32.const 4096) (i32.lt_u (local.get $length) (i32.const 4096))))
      (call $write (global.get $out) (local.get $at) (local.get $now) (i32.const 16))
      (if (i32.load8_u (i32.const 16)) (then (unreachable)))
      (local.set $at (i32.add (local.get $at) (local.get $now)))
      (br_if $more (local.tee $length (i32.sub (local.get $length) (local.get $now))))))
  (func $print_string (param $string i32)
    (call $print (i32.load (local.get $string)) (i32.load offset=4 (local.get $string))))
  (func (export "wasi:cli/run@0.2.10#run") (result i32)
    (local $at i32) (local $end i32)
    (global.set $out (call $get_stdout))
    (call $get_arguments (i32.const 0)) ;; a pointer to strings at 0, their number at 4
    (local.set $at (i32.add (i32.load (i32.const 0)) (i32.const 8)))
    (local.set $end
      (i32.add (i32.load (i32.const 0)) (i32.shl (i32.load (i32.const 4)) (i32.const 3))))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $end))
        (then
          (call $print_string (local.get $at))
          (call $print (i32.const 33) (i32.const 1))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (br $next))))
    (call $get_environment (i32.const 0)) ;; pairs of strings, sixteen bytes each
    (local.set $at (i32.load (i32.const 0)))
    (local.set $end
      (i32.add (local.get $at) (i32.shl (i32.load (i32.const 4)) (i32.const 4))))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $end))
        (then
          (call $print_string (local.get $at))
          (call $print (i32.const 32) (i32.const 1))
          (call $print_string (i32.add (local.get $at) (i32.const 8)))
          (call $print (i32.const 33) (i32.const 1))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $next))))
    (i32.const 0)))
