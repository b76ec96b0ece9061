;; Writes a line to stdout with wasi:cli and wasi:io.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi:cli/stdout@0.2.10" "get-stdout" (func $get_stdout (result i32)))
  (import "wasi:io/streams@0.2.10" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "hello world\n")
  (func (export "wasi:cli/run@0.2.10#run") (result i32)
    (call $write (call $get_stdout) (i32.const 16) (i32.const 12) (i32.const 0))
    (i32.load8_u (i32.const 0)))) ;; 1 is an error, of the write as of the run
