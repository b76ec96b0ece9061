;; Checks wasi:clocks, one line for each check.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi:cli/stdout@0.2.10" "get-stdout" (func $get_stdout (result i32)))
  (import "wasi:io/streams@0.2.10" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:clocks/monotonic-clock@0.2.10" "now" (func $now (result i64)))
  (import "wasi:clocks/monotonic-clock@0.2.10" "resolution" (func $resolution (result i64)))
  (import "wasi:clocks/monotonic-clock@0.2.10" "subscribe-instant"
    (func $subscribe_instant (param i64) (result i32)))
  (import "wasi:clocks/monotonic-clock@0.2.10" "subscribe-duration"
    (func $subscribe_duration (param i64) (result i32)))
  (import "wasi:clocks/wall-clock@0.2.10" "now" (func $wall_now (param i32)))
  (import "wasi:clocks/wall-clock@0.2.10" "resolution" (func $wall_resolution (param i32)))
  (import "wasi:io/poll@0.2.10" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.10" "[method]pollable.ready" (func $ready (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "not ok ")
  (data (i32.const 128) "monotonic-clock.now goes on\n")
  (data (i32.const 192) "monotonic-clock.resolution is not zero\n")
  (data (i32.const 256) "subscribe-duration waits as long\n")
  (data (i32.const 320) "subscribe-instant of the past is ready\n")
  (data (i32.const 384) "subscribe-duration of an hour is not ready\n")
  (data (i32.const 448) "wall-clock.now is after 2023, in nanoseconds below a second\n")
  (data (i32.const 512) "wall-clock.resolution is not zero\n")
  (global $failed (mut i32) (i32.const 0))
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
    (local $start i64) (local $pollable i32)
    (local.set $start (call $now))
    (call $check (i64.ge_u (call $now) (local.get $start)) (i32.const 128) (i32.const 28))
    (call $check (i64.ne (call $resolution) (i64.const 0)) (i32.const 192) (i32.const 39))
    (local.set $start (call $now))
    (call $block (call $subscribe_duration (i64.const 20000000)))
    (call $check
      (i64.ge_u (i64.sub (call $now) (local.get $start)) (i64.const 20000000))
      (i32.const 256) (i32.const 33))
    (call $block (local.tee $pollable (call $subscribe_instant (local.get $start))))
    (call $check (call $ready (local.get $pollable)) (i32.const 320) (i32.const 39))
    (call $check
      (i32.eqz (call $ready (call $subscribe_duration (i64.const 3600000000000))))
      (i32.const 384) (i32.const 43))
    (call $wall_now (i32.const 0)) ;; seconds at 0, nanoseconds at 8
    (call $check
      (i32.and
        (i64.gt_u (i64.load (i32.const 0)) (i64.const 1700000000))
        (i32.lt_u (i32.load (i32.const 8)) (i32.const 1000000000)))
      (i32.const 448) (i32.const 60))
    (call $wall_resolution (i32.const 0))
    (call $check
      (i32.or (i64.ne (i64.load (i32.const 0)) (i64.const 0)) (i32.load (i32.const 8)))
      (i32.const 512) (i32.const 34))
    (global.get $failed)))
