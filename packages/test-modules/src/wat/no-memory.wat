;; Uses preview 1 without exporting a memory.
;; SPDX-License-Identifier: Apache-2.0
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
  (memory 1)
  (func (export "_start") (drop (call $sched_yield))))
