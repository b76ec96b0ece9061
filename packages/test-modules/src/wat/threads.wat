;; Prints "thread" from a thread that wasi-threads spawned, then "main" once that has ended; needs shared memory.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "env" "memory" (memory 1 1 shared))
  (export "memory" (memory 0))
  (data (i32.const 0) "\20\00\00\00\07\00\00\00\30\00\00\00\05\00\00\00")
  (data (i32.const 32) "thread\n")
  (data (i32.const 48) "main\n")
  ;; At 64: 1 once the thread has printed. The thread gets its number and the argument of thread-spawn.
  (func (export "wasi_thread_start") (param $thread i32) (param $argument i32)
    (drop (call $fd_write (i32.const 1) (local.get $argument) (i32.const 1) (i32.const 128)))
    (i32.atomic.store (i32.const 64) (i32.const 1))
    (drop (memory.atomic.notify (i32.const 64) (i32.const 1))))
  (func (export "_start")
    (if (i32.le_s (call $spawn (i32.const 0)) (i32.const 0))
      (then (call $proc_exit (i32.const 1))))
    (loop $again
      (if (i32.eqz (i32.atomic.load (i32.const 64)))
        (then
          (drop (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const -1)))
          (br $again))))
    (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 132)))))
