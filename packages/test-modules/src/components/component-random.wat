;; Checks wasi:random, one line for each check.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi:cli/stdout@0.2.10" "get-stdout" (func $get_stdout (result i32)))
  (import "wasi:io/streams@0.2.10" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:random/random@0.2.10" "get-random-u64" (func $u64 (result i64)))
  (import "wasi:random/random@0.2.10" "get-random-bytes" (func $bytes (param i64 i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "not ok ")
  (data (i32.const 128) "get-random-u64 answers another each time\n")
  (data (i32.const 192) "get-random-bytes answers as many\n")
  (data (i32.const 256) "get-random-bytes answers others each time\n")
  (data (i32.const 320) "get-random-bytes answers none when none are asked for\n")
  (global $free (mut i32) (i32.const 1024))
  (global $failed (mut i32) (i32.const 0))
  ;; Nothing is ever freed or moved; only bytes are asked for, which need no alignment.
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (global.get $free)
    (global.set $free (i32.add (global.get $free) (local.get $size))))
  (func $check (param $ok i32) (param $name i32) (param $length i32)
    (local $out i32)
    (local.set $out (call $get_stdout))
    (if (local.get $ok)
      (then (call $write (local.get $out) (i32.const 68) (i32.const 3) (i32.const 16)))
      (else
        (global.set $failed (i32.const 1))
        (call $write (local.get $out) (i32.const 64) (i32.const 7) (i32.const 16))))
    (call $write (local.get $out) (local.get $name) (local.get $length) (i32.const 16)))
  (func (export "wasi:cli/run@0.2.10#run") (result i32)
    (call $check (i64.ne (call $u64) (call $u64)) (i32.const 128) (i32.const 41))
    (call $bytes (i64.const 32) (i32.const 0)) ;; where they are at 0, their number at 4
    (call $check (i32.eq (i32.load (i32.const 4)) (i32.const 32)) (i32.const 192) (i32.const 33))
    (call $bytes (i64.const 32) (i32.const 8))
    (call $check
      (i64.ne (i64.load align=1 (i32.load (i32.const 0))) (i64.load align=1 (i32.load (i32.const 8))))
      (i32.const 256) (i32.const 42))
    (call $bytes (i64.const 0) (i32.const 0))
    (call $check (i32.eqz (i32.load (i32.const 4))) (i32.const 320) (i32.const 54))
    (global.get $failed)))
