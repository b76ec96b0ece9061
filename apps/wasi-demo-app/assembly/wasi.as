// SPDX-License-Identifier: Apache-2.0
// What the application uses of WASI preview 1, as it is in witx:
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md

@external("wasi_snapshot_preview1", "args_get")
export declare function args_get(argv: usize, buffer: usize): i32;
@external("wasi_snapshot_preview1", "args_sizes_get")
export declare function args_sizes_get(count: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "environ_get")
export declare function environ_get(environ: usize, buffer: usize): i32;
@external("wasi_snapshot_preview1", "environ_sizes_get")
export declare function environ_sizes_get(count: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "clock_time_get")
export declare function clock_time_get(clock: i32, precision: i64, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_fdstat_get")
export declare function fd_fdstat_get(fd: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_prestat_get")
export declare function fd_prestat_get(fd: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_prestat_dir_name")
export declare function fd_prestat_dir_name(fd: i32, path: usize, size: i32): i32;
@external("wasi_snapshot_preview1", "fd_read")
export declare function fd_read(fd: i32, iovs: usize, count: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_write")
export declare function fd_write(fd: i32, iovs: usize, count: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "path_open")
export declare function path_open(
  fd: i32, dirflags: i32, path: usize, size: i32, oflags: i32, base: i64, inheriting: i64, fdflags: i32,
  result: usize): i32;
@external("wasi_snapshot_preview1", "poll_oneoff")
export declare function poll_oneoff(input: usize, output: usize, count: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "proc_exit")
export declare function proc_exit(code: i32): void;

export const FIRST_PREOPEN: i32 = 3;
export const O_CREAT: i32 = 1;
export const O_TRUNC: i32 = 8;
export const FOLLOW: i32 = 1;
export const MONOTONIC: i32 = 1;
/** All that a folder hands on but what only reading asks for: a mount may be without it. */
export const RIGHTS_TO_WRITE: i64 = ~((1 << 1) | (1 << 14));
