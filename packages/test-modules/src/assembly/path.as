// SPDX-License-Identifier: Apache-2.0
// Path functions with strings, and records as they lie in memory.
import { Bytes, utf8 } from "./text";
import * as wasi from "./wasi";

const result = memory.data(8, 8);
const folderStat = memory.data(24, 8);

const READING: i64 = wasi.RIGHT_READ | wasi.RIGHT_READDIR;
const WRITING: i64 = wasi.RIGHT_DATASYNC | wasi.RIGHT_WRITE | wasi.RIGHT_ALLOCATE | wasi.RIGHT_SET_SIZE;

/**
 * The descriptor, or the errno as a negative number. Asks for the rights that a C library does: all that the folder hands
 * on but for what reading or writing alone needs, and that as `rights` has RIGHT_READ, RIGHT_READDIR and RIGHT_WRITE.
 */
export function open(
  dir: i32, path: string, oflags: i32, rights: i64, fdflags: i32 = 0, lookup: i32 = wasi.FOLLOW): i32 {
  const bytes = utf8(path);
  const inheriting: i64 = wasi.fd_fdstat_get(dir, folderStat) === 0 ? load<i64>(folderStat, 16) : 0;
  let base: i64 = ~(READING | WRITING);
  if (rights & READING) base |= READING;
  if (rights & wasi.RIGHT_WRITE) base |= WRITING;
  const errno = wasi.path_open(
    dir, lookup, bytes.at, bytes.size, oflags, base & inheriting, inheriting, fdflags, result);
  return errno === 0 ? load<i32>(result) : -errno;
}

/** The errno of an open that is closed again when it succeeds. */
export function tryOpen(
  dir: i32, path: string, oflags: i32, rights: i64, fdflags: i32 = 0, lookup: i32 = wasi.FOLLOW): i32 {
  const fd = open(dir, path, oflags, rights, fdflags, lookup);
  if (fd < 0) return -fd;
  wasi.fd_close(fd);
  return 0;
}

export function makeDirectory(dir: i32, path: string): i32 {
  const bytes = utf8(path);
  return wasi.path_create_directory(dir, bytes.at, bytes.size);
}

export function removeDirectory(dir: i32, path: string): i32 {
  const bytes = utf8(path);
  return wasi.path_remove_directory(dir, bytes.at, bytes.size);
}

export function unlink(dir: i32, path: string): i32 {
  const bytes = utf8(path);
  return wasi.path_unlink_file(dir, bytes.at, bytes.size);
}

export function rename(dir: i32, from: string, toDir: i32, to: string): i32 {
  const a = utf8(from);
  const b = utf8(to);
  return wasi.path_rename(dir, a.at, a.size, toDir, b.at, b.size);
}

export function link(dir: i32, flags: i32, from: string, toDir: i32, to: string): i32 {
  const a = utf8(from);
  const b = utf8(to);
  return wasi.path_link(dir, flags, a.at, a.size, toDir, b.at, b.size);
}

export function symlink(target: string, dir: i32, path: string): i32 {
  const a = utf8(target);
  const b = utf8(path);
  return wasi.path_symlink(a.at, a.size, dir, b.at, b.size);
}

export function readlink(dir: i32, path: string, buffer: usize, size: i32, length: usize): i32 {
  const bytes = utf8(path);
  return wasi.path_readlink(dir, bytes.at, bytes.size, buffer, size, length);
}

/** A $filestat. */
export class Stat {
  errno: i32 = 0;
  dev: u64 = 0;
  ino: u64 = 0;
  filetype: i32 = 0;
  nlink: u64 = 0;
  size: i64 = 0;
  atim: i64 = 0;
  mtim: i64 = 0;
  ctim: i64 = 0;
}

const record = memory.data(64, 8);

function parseStat(errno: i32): Stat {
  const stat = new Stat();
  stat.errno = errno;
  if (errno !== 0) return stat;
  stat.dev = load<u64>(record);
  stat.ino = load<u64>(record, 8);
  stat.filetype = load<u8>(record, 16);
  stat.nlink = load<u64>(record, 24);
  stat.size = load<i64>(record, 32);
  stat.atim = load<i64>(record, 40);
  stat.mtim = load<i64>(record, 48);
  stat.ctim = load<i64>(record, 56);
  return stat;
}

export function statPath(dir: i32, path: string, lookup: i32 = wasi.FOLLOW): Stat {
  const bytes = utf8(path);
  return parseStat(wasi.path_filestat_get(dir, lookup, bytes.at, bytes.size, record));
}

export function statFd(fd: i32): Stat {
  return parseStat(wasi.fd_filestat_get(fd, record));
}

/** A $fdstat. */
export class Fdstat {
  errno: i32 = 0;
  filetype: i32 = 0;
  flags: i32 = 0;
  base: i64 = 0;
  inheriting: i64 = 0;
}

export function fdstat(fd: i32): Fdstat {
  const stat = new Fdstat();
  stat.errno = wasi.fd_fdstat_get(fd, record);
  if (stat.errno !== 0) return stat;
  stat.filetype = load<u8>(record);
  stat.flags = load<u16>(record, 2);
  stat.base = load<i64>(record, 8);
  stat.inheriting = load<i64>(record, 16);
  return stat;
}

/** Makes a file of this content; its errno. */
export function writeFile(dir: i32, path: string, content: string): i32 {
  const fd = open(dir, path, wasi.O_CREAT | wasi.O_TRUNC, wasi.READ_WRITE);
  if (fd < 0) return -fd;
  const bytes: Bytes = utf8(content);
  const iovs = heap.alloc(8);
  store<u32>(iovs, <u32>bytes.at);
  store<u32>(iovs, bytes.size, 4);
  const errno = bytes.size === 0 ? 0 : wasi.fd_write(fd, iovs, 1, result);
  wasi.fd_close(fd);
  return errno;
}
