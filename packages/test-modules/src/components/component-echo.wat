;; Copies stdin to stdout until the end, 4 KiB at a time.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi:cli/stdin@0.2.10" "get-stdin" (func $get_stdin (result i32)))
  (import "wasi:cli/stdout@0.2.10" "get-stdout" (func $get_stdout (result i32)))
  (import "wasi:io/streams@0.2.10" "[method]input-stream.blocking-read"
    (func $read (param i32 i64 i32)))
  (import "wasi:io/streams@0.2.10" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  ;; Only one read's bytes are alive at a time.
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const 4096))
  (func (export "wasi:cli/run@0.2.10#run") (result i32)
    (local $in i32) (local $out i32)
    (local.set $in (call $get_stdin))
    (local.set $out (call $get_stdout))
    (loop $again
      ;; At 0: an error or not; at 4: bytes and their number, or which error.
      (call $read (local.get $in) (i64.const 4096) (i32.const 0))
      (if (i32.load8_u (i32.const 0))
        (then (return (i32.ne (i32.load8_u (i32.const 4)) (i32.const 1))))) ;; 1: closed
      (call $write
        (local.get $out) (i32.load (i32.const 4)) (i32.load (i32.const 8)) (i32.const 16))
      (br_if $again (i32.eqz (i32.load8_u (i32.const 16)))))
    (i32.const 1)))
