// SPDX-License-Identifier: Apache-2.0
// The imports of preview 1 as they are in witx, and the numbers that the tests compare with.

@external("wasi_snapshot_preview1", "args_get")
export declare function args_get(argv: usize, buffer: usize): i32;
@external("wasi_snapshot_preview1", "args_sizes_get")
export declare function args_sizes_get(count: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "environ_get")
export declare function environ_get(environ: usize, buffer: usize): i32;
@external("wasi_snapshot_preview1", "environ_sizes_get")
export declare function environ_sizes_get(count: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "clock_res_get")
export declare function clock_res_get(clock: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "clock_time_get")
export declare function clock_time_get(clock: i32, precision: i64, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_advise")
export declare function fd_advise(fd: i32, offset: i64, size: i64, advice: i32): i32;
@external("wasi_snapshot_preview1", "fd_allocate")
export declare function fd_allocate(fd: i32, offset: i64, size: i64): i32;
@external("wasi_snapshot_preview1", "fd_close")
export declare function fd_close(fd: i32): i32;
@external("wasi_snapshot_preview1", "fd_datasync")
export declare function fd_datasync(fd: i32): i32;
@external("wasi_snapshot_preview1", "fd_fdstat_get")
export declare function fd_fdstat_get(fd: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_fdstat_set_flags")
export declare function fd_fdstat_set_flags(fd: i32, flags: i32): i32;
@external("wasi_snapshot_preview1", "fd_fdstat_set_rights")
export declare function fd_fdstat_set_rights(fd: i32, base: i64, inheriting: i64): i32;
@external("wasi_snapshot_preview1", "fd_filestat_get")
export declare function fd_filestat_get(fd: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_filestat_set_size")
export declare function fd_filestat_set_size(fd: i32, size: i64): i32;
@external("wasi_snapshot_preview1", "fd_filestat_set_times")
export declare function fd_filestat_set_times(fd: i32, atim: i64, mtim: i64, flags: i32): i32;
@external("wasi_snapshot_preview1", "fd_pread")
export declare function fd_pread(fd: i32, iovs: usize, count: i32, offset: i64, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_prestat_get")
export declare function fd_prestat_get(fd: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_prestat_dir_name")
export declare function fd_prestat_dir_name(fd: i32, path: usize, size: i32): i32;
@external("wasi_snapshot_preview1", "fd_pwrite")
export declare function fd_pwrite(fd: i32, iovs: usize, count: i32, offset: i64, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_read")
export declare function fd_read(fd: i32, iovs: usize, count: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_readdir")
export declare function fd_readdir(fd: i32, buffer: usize, size: i32, cookie: i64, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_renumber")
export declare function fd_renumber(from: i32, to: i32): i32;
@external("wasi_snapshot_preview1", "fd_seek")
export declare function fd_seek(fd: i32, offset: i64, whence: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_sync")
export declare function fd_sync(fd: i32): i32;
@external("wasi_snapshot_preview1", "fd_tell")
export declare function fd_tell(fd: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_write")
export declare function fd_write(fd: i32, iovs: usize, count: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "path_create_directory")
export declare function path_create_directory(fd: i32, path: usize, size: i32): i32;
@external("wasi_snapshot_preview1", "path_filestat_get")
export declare function path_filestat_get(fd: i32, flags: i32, path: usize, size: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "path_filestat_set_times")
export declare function path_filestat_set_times(
  fd: i32, flags: i32, path: usize, size: i32, atim: i64, mtim: i64, fstflags: i32): i32;
@external("wasi_snapshot_preview1", "path_link")
export declare function path_link(
  fd: i32, flags: i32, path: usize, size: i32, newFd: i32, newPath: usize, newSize: i32): i32;
@external("wasi_snapshot_preview1", "path_open")
export declare function path_open(
  fd: i32, dirflags: i32, path: usize, size: i32, oflags: i32, base: i64, inheriting: i64, fdflags: i32,
  result: usize): i32;
@external("wasi_snapshot_preview1", "path_readlink")
export declare function path_readlink(
  fd: i32, path: usize, size: i32, buffer: usize, bufferSize: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "path_remove_directory")
export declare function path_remove_directory(fd: i32, path: usize, size: i32): i32;
@external("wasi_snapshot_preview1", "path_rename")
export declare function path_rename(
  fd: i32, path: usize, size: i32, newFd: i32, newPath: usize, newSize: i32): i32;
@external("wasi_snapshot_preview1", "path_symlink")
export declare function path_symlink(target: usize, targetSize: i32, fd: i32, path: usize, size: i32): i32;
@external("wasi_snapshot_preview1", "path_unlink_file")
export declare function path_unlink_file(fd: i32, path: usize, size: i32): i32;
@external("wasi_snapshot_preview1", "poll_oneoff")
export declare function poll_oneoff(input: usize, output: usize, count: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "proc_exit")
export declare function proc_exit(code: i32): void;
@external("wasi_snapshot_preview1", "proc_raise")
export declare function proc_raise(signal: i32): i32;
@external("wasi_snapshot_preview1", "sched_yield")
export declare function sched_yield(): i32;
@external("wasi_snapshot_preview1", "random_get")
export declare function random_get(buffer: usize, size: i32): i32;
@external("wasi_snapshot_preview1", "sock_accept")
export declare function sock_accept(fd: i32, flags: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "sock_recv")
export declare function sock_recv(
  fd: i32, iovs: usize, count: i32, flags: i32, size: usize, outFlags: usize): i32;
@external("wasi_snapshot_preview1", "sock_send")
export declare function sock_send(fd: i32, iovs: usize, count: i32, flags: i32, size: usize): i32;
@external("wasi_snapshot_preview1", "sock_shutdown")
export declare function sock_shutdown(fd: i32, how: i32): i32;

export const SUCCESS: i32 = 0;
export const ACCES: i32 = 2;
export const AGAIN: i32 = 6;
export const BADF: i32 = 8;
export const EXIST: i32 = 20;
export const FBIG: i32 = 22;
export const INVAL: i32 = 28;
export const ISDIR: i32 = 31;
export const LOOP: i32 = 32;
export const NAMETOOLONG: i32 = 37;
export const NOENT: i32 = 44;
export const NOSYS: i32 = 52;
export const NOTDIR: i32 = 54;
export const NOTEMPTY: i32 = 55;
export const NOTSOCK: i32 = 57;
export const NOTSUP: i32 = 58;
export const PERM: i32 = 63;
export const SPIPE: i32 = 70;
export const NOTCAPABLE: i32 = 76;

export const RIGHT_DATASYNC: i64 = 1 << 0;
export const RIGHT_READ: i64 = 1 << 1;
export const RIGHT_WRITE: i64 = 1 << 6;
export const RIGHT_ALLOCATE: i64 = 1 << 8;
export const RIGHT_READDIR: i64 = 1 << 14;
export const RIGHT_SET_SIZE: i64 = 1 << 22;
/** What a C library asks for when it opens a directory to list it. */
export const RIGHTS_DIRECTORY: i64 = (1 << 13) | (1 << 14) | (1 << 18) | (1 << 21);
export const READ_WRITE: i64 = RIGHT_READ | RIGHT_WRITE;

export const O_CREAT: i32 = 1;
export const O_DIRECTORY: i32 = 2;
export const O_EXCL: i32 = 4;
export const O_TRUNC: i32 = 8;
export const FD_APPEND: i32 = 1;
export const FD_NONBLOCK: i32 = 4;
export const FOLLOW: i32 = 1;
export const NOFOLLOW: i32 = 0;
export const SET: i32 = 0;
export const CUR: i32 = 1;
export const END: i32 = 2;

export const UNKNOWN: i32 = 0;
export const CHARACTER_DEVICE: i32 = 2;
export const DIRECTORY: i32 = 3;
export const REGULAR_FILE: i32 = 4;
export const SYMBOLIC_LINK: i32 = 7;

/** The first preopened directory. */
export const ROOT: i32 = 3;
