;; Answers every HTTP request with 200 and "hello".
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi:http/types@0.2.10" "[resource-drop]incoming-request" (func $drop_request (param i32)))
  (import "wasi:http/types@0.2.10" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@0.2.10" "[constructor]outgoing-response"
    (func $response (param i32) (result i32))) ;; its status is 200
  (import "wasi:http/types@0.2.10" "[method]outgoing-response.body" (func $body (param i32 i32)))
  (import "wasi:http/types@0.2.10" "[method]outgoing-body.write" (func $stream (param i32 i32)))
  ;; The parameter, ok or an error, the response; what is left has room for an error-code.
  (import "wasi:http/types@0.2.10" "[static]response-outparam.set"
    (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.10" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.10" "[resource-drop]output-stream" (func $drop_stream (param i32)))
  (import "wasi:http/types@0.2.10" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "hello\n")
  ;; For the text of an error-code, which nobody reads.
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const 1024))
  (func (export "wasi:http/incoming-handler@0.2.10#handle") (param $request i32) (param $out i32)
    (local $response i32) (local $body i32) (local $stream i32)
    (call $drop_request (local.get $request))
    (local.set $response (call $response (call $fields)))
    ;; Results are at 0: an error or not; at 4: the handle. The first body and stream of a response are never refused.
    (call $body (local.get $response) (i32.const 0))
    (local.set $body (i32.load (i32.const 4)))
    (call $stream (local.get $body) (i32.const 0))
    (local.set $stream (i32.load (i32.const 4)))
    (call $set (local.get $out) (i32.const 0) (local.get $response)
      (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $write (local.get $stream) (i32.const 16) (i32.const 6) (i32.const 32))
    (call $drop_stream (local.get $stream))
    (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 64)))) ;; no trailers
