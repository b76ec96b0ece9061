// SPDX-License-Identifier: Apache-2.0
// Files: create, write, seek, read at positions, append, truncate, metadata, times, rename, unlink.
import { equals, fails, finish, holds, succeeds } from "./check";
import { fdstat, open, rename, statFd, statPath, tryOpen, unlink, writeFile } from "./path";
import { iovec, utf8 } from "./text";
import * as wasi from "./wasi";

const result = memory.data(8, 8);
const buffer: usize = heap.alloc(256);

function write(fd: i32, text: string): i32 {
  const bytes = utf8(text);
  return wasi.fd_write(fd, iovec(bytes.at, bytes.size), 1, result);
}

function holdsText(check: string, size: i32, text: string): void {
  const bytes = utf8(text);
  holds(check, size === bytes.size && memory.compare(buffer, bytes.at, size) === 0);
}

function read(fd: i32, size: i32): i32 {
  return wasi.fd_read(fd, iovec(buffer, size), 1, result) === 0 ? load<i32>(result) : -1;
}

function position(fd: i32): i64 {
  return wasi.fd_tell(fd, result) === 0 ? load<i64>(result) : -1;
}

function seek(fd: i32, offset: i64, whence: i32): i64 {
  return wasi.fd_seek(fd, offset, whence, result) === 0 ? load<i64>(result) : -1;
}

function readingAndWriting(): void {
  const fd = open(wasi.ROOT, "file", wasi.O_CREAT | wasi.O_EXCL, wasi.READ_WRITE);
  holds("path_open creates a file", fd > wasi.ROOT);
  fails("path_open with EXCL of a file that exists", tryOpen(wasi.ROOT, "file", wasi.O_CREAT | wasi.O_EXCL, wasi.READ_WRITE), wasi.EXIST);
  succeeds("fd_write to a file", write(fd, "hello world"));
  equals("fd_write to a file writes everything", load<i32>(result), 11);
  equals("fd_tell is behind what was written", position(fd), 11);
  equals("fd_seek from the start", seek(fd, 6, wasi.SET), 6);
  holdsText("fd_read reads from the position on", read(fd, 256), "world");
  equals("fd_read at the end of a file reads 0 bytes", read(fd, 256), 0);
  equals("fd_seek from the end", seek(fd, -5, wasi.END), 6);
  equals("fd_seek from the position", seek(fd, -4, wasi.CUR), 2);
  holdsText("fd_read reads no more than asked for", read(fd, 3), "llo");
  fails("fd_seek before the start", wasi.fd_seek(fd, -1, wasi.SET, result), wasi.INVAL);
  equals("fd_seek beyond the end", seek(fd, 100, wasi.SET), 100);
  equals("fd_read beyond the end reads 0 bytes", read(fd, 10), 0);
  seek(fd, 3, wasi.SET);

  const bytes = utf8("WORLD");
  succeeds("fd_pwrite", wasi.fd_pwrite(fd, iovec(bytes.at, 5), 1, 6, result));
  equals("fd_pwrite writes everything", load<i32>(result), 5);
  succeeds("fd_pread", wasi.fd_pread(fd, iovec(buffer, 256), 1, 4, result));
  holdsText("fd_pread reads at its offset", load<i32>(result), "o WORLD");
  equals("fd_pread and fd_pwrite leave the position", position(fd), 3);

  const iovs = heap.alloc(24);
  store<u32>(iovs, <u32>buffer);
  store<u32>(iovs, 2, 4);
  store<u32>(iovs, 0, 8);
  store<u32>(iovs, 0, 12);
  store<u32>(iovs, <u32>(buffer + 2), 16);
  store<u32>(iovs, 100, 20);
  seek(fd, 0, wasi.SET);
  let total = 0;
  while (wasi.fd_read(fd, iovs, 3, result) === 0 && load<i32>(result) > 0) {
    // A short count is allowed; go on with what is left of the ranges.
    total += load<i32>(result);
    store<u32>(iovs, <u32>(buffer + total));
    store<u32>(iovs, 100, 4);
    store<u32>(iovs, 0, 20);
  }
  holdsText("fd_read fills several ranges in order", total, "hello WORLD");
  succeeds("fd_close", wasi.fd_close(fd));
  fails("fd_close of a closed descriptor", wasi.fd_close(fd), wasi.BADF);
  fails("fd_read of a closed descriptor", wasi.fd_read(fd, iovec(buffer, 1), 1, result), wasi.BADF);
}

function appending(): void {
  writeFile(wasi.ROOT, "append", "one");
  const fd = open(wasi.ROOT, "append", 0, wasi.READ_WRITE, wasi.FD_APPEND);
  holds("path_open to append", fd > 0);
  equals("fd_fdstat_get tells that a file is open to append", fdstat(fd).flags & wasi.FD_APPEND, wasi.FD_APPEND);
  seek(fd, 0, wasi.SET);
  succeeds("fd_write to a file open to append", write(fd, "two"));
  equals("fd_write appends whatever the position is", statFd(fd).size, 6);
  equals("fd_tell after appending is the end", position(fd), 6);
  succeeds("fd_fdstat_set_flags takes APPEND away", wasi.fd_fdstat_set_flags(fd, 0));
  equals("fd_fdstat_get tells that APPEND is gone", fdstat(fd).flags & wasi.FD_APPEND, 0);
  seek(fd, 0, wasi.SET);
  write(fd, "ONE");
  equals("fd_write overwrites once APPEND is gone", statFd(fd).size, 6);
  succeeds("fd_fdstat_set_flags sets APPEND", wasi.fd_fdstat_set_flags(fd, wasi.FD_APPEND));
  seek(fd, 0, wasi.SET);
  write(fd, "!");
  equals("fd_write appends once APPEND is set", statFd(fd).size, 7);
  wasi.fd_close(fd);
}

function sizes(): void {
  writeFile(wasi.ROOT, "size", "0123456789");
  const fd = open(wasi.ROOT, "size", 0, wasi.READ_WRITE);
  succeeds("fd_filestat_set_size to less", wasi.fd_filestat_set_size(fd, 4));
  equals("fd_filestat_set_size cuts off", statFd(fd).size, 4);
  succeeds("fd_filestat_set_size to more", wasi.fd_filestat_set_size(fd, 8));
  equals("fd_filestat_set_size lengthens", statFd(fd).size, 8);
  succeeds("fd_pread behind the old end", wasi.fd_pread(fd, iovec(buffer, 8), 1, 4, result));
  equals("fd_filestat_set_size lengthens with zeros", load<u32>(buffer), 0);
  fails("fd_allocate", wasi.fd_allocate(fd, 0, 4096), 0, wasi.NOTSUP);
  succeeds("fd_advise", wasi.fd_advise(fd, 0, 0, 0));
  succeeds("fd_sync", wasi.fd_sync(fd));
  succeeds("fd_datasync", wasi.fd_datasync(fd));
  wasi.fd_close(fd);
  succeeds("path_open with TRUNC", tryOpen(wasi.ROOT, "size", wasi.O_TRUNC, wasi.READ_WRITE));
  equals("path_open with TRUNC empties", statPath(wasi.ROOT, "size").size, 0);
}

const TIME: i64 = 1500000000123456789;

function metadata(): void {
  writeFile(wasi.ROOT, "meta", "abc");
  const fd = open(wasi.ROOT, "meta", 0, wasi.READ_WRITE);
  const byFd = statFd(fd);
  const byPath = statPath(wasi.ROOT, "meta");
  succeeds("fd_filestat_get", byFd.errno);
  succeeds("path_filestat_get", byPath.errno);
  equals("fd_filestat_get tells a regular file", byFd.filetype, wasi.REGULAR_FILE);
  equals("path_filestat_get tells a regular file", byPath.filetype, wasi.REGULAR_FILE);
  equals("fd_filestat_get tells the size", byFd.size, 3);
  equals("fd_filestat_get tells the number of links", byFd.nlink, 1);
  holds("both ways lead to the same file", byFd.ino === byPath.ino && byFd.dev === byPath.dev);
  holds("times are later than 2024", byFd.mtim > 1704067200000000000);
  succeeds("fd_filestat_set_times", wasi.fd_filestat_set_times(fd, TIME, TIME + 1, 1 | 4));
  equals("fd_filestat_set_times sets the access time", statFd(fd).atim, TIME);
  equals("fd_filestat_set_times sets the modification time", statFd(fd).mtim, TIME + 1);
  succeeds("fd_filestat_set_times of one time", wasi.fd_filestat_set_times(fd, 0, TIME + 2, 4));
  equals("fd_filestat_set_times leaves the other time", statFd(fd).atim, TIME);
  succeeds("fd_filestat_set_times to now", wasi.fd_filestat_set_times(fd, 0, 0, 2 | 8));
  holds("fd_filestat_set_times to now sets the time", statFd(fd).mtim > 1704067200000000000);
  fails("fd_filestat_set_times to a time and to now", wasi.fd_filestat_set_times(fd, 0, 0, 1 | 2), wasi.INVAL);
  const path = utf8("meta");
  succeeds("path_filestat_set_times", wasi.path_filestat_set_times(wasi.ROOT, 1, path.at, path.size, TIME, TIME + 3, 5));
  equals("path_filestat_set_times sets the modification time", statPath(wasi.ROOT, "meta").mtim, TIME + 3);
  fails("path_filestat_set_times to a time and to now", wasi.path_filestat_set_times(wasi.ROOT, 1, path.at, path.size, 0, 0, 12), wasi.INVAL);
  const stat = fdstat(fd);
  equals("fd_fdstat_get tells a regular file", stat.filetype, wasi.REGULAR_FILE);
  equals("fd_fdstat_get tells both rights", stat.base & wasi.READ_WRITE, wasi.READ_WRITE);
  wasi.fd_close(fd);
}

function names(): void {
  writeFile(wasi.ROOT, "from", "moved");
  succeeds("path_rename", rename(wasi.ROOT, "from", wasi.ROOT, "to"));
  fails("path_rename takes the old name away", statPath(wasi.ROOT, "from").errno, wasi.NOENT);
  equals("path_rename keeps the content", statPath(wasi.ROOT, "to").size, 5);
  writeFile(wasi.ROOT, "other", "longer than it was");
  succeeds("path_rename over a file", rename(wasi.ROOT, "other", wasi.ROOT, "to"));
  equals("path_rename over a file replaces it", statPath(wasi.ROOT, "to").size, 18);
  fails("path_rename of what does not exist", rename(wasi.ROOT, "none", wasi.ROOT, "to"), wasi.NOENT);
  const fd = open(wasi.ROOT, "to", 0, wasi.READ_WRITE);
  succeeds("path_unlink_file", unlink(wasi.ROOT, "to"));
  fails("path_unlink_file takes the name away", statPath(wasi.ROOT, "to").errno, wasi.NOENT);
  equals("an unlinked file is still open", statFd(fd).size, 18);
  equals("an unlinked file has no links", statFd(fd).nlink, 0);
  wasi.fd_close(fd);
  fails("path_unlink_file of what does not exist", unlink(wasi.ROOT, "to"), wasi.NOENT);
  fails("path_open of what does not exist", tryOpen(wasi.ROOT, "to", 0, wasi.RIGHT_READ), wasi.NOENT);
  fails("path_open below a file", tryOpen(wasi.ROOT, "file/below", 0, wasi.RIGHT_READ), wasi.NOTDIR);
  fails("path_open of a file with a slash", tryOpen(wasi.ROOT, "file/", 0, wasi.RIGHT_READ), wasi.NOTDIR);
  fails("path_open of a file as a folder", tryOpen(wasi.ROOT, "file", wasi.O_DIRECTORY, wasi.RIGHT_READ), wasi.NOTDIR);
  fails("path_open of nothing", tryOpen(wasi.ROOT, "", 0, wasi.RIGHT_READ), wasi.NOENT);
  fails("path_open with a name that is too long", tryOpen(wasi.ROOT, "n".repeat(300), 0, wasi.RIGHT_READ), wasi.NAMETOOLONG);
  fails("path_open with a path that is too long", tryOpen(wasi.ROOT, "p/".repeat(3000), 0, wasi.RIGHT_READ), wasi.NAMETOOLONG, wasi.NOENT);
  fails("path_open with a NUL in the path", tryOpen(wasi.ROOT, "file\0", 0, wasi.RIGHT_READ), wasi.INVAL, wasi.NOENT, 25);
}

function numbers(): void {
  const first = open(wasi.ROOT, "file", 0, wasi.RIGHT_READ);
  const second = open(wasi.ROOT, "meta", 0, wasi.RIGHT_READ);
  holds("two opens have two descriptors", first !== second);
  succeeds("fd_renumber", wasi.fd_renumber(first, second));
  fails("fd_renumber closes the old number", fdstat(first).errno, wasi.BADF);
  equals("fd_renumber gives its file to the new number", statFd(second).size, 11);
  succeeds("fd_renumber to itself", wasi.fd_renumber(second, second));
  fails("fd_renumber from a number that is not open", wasi.fd_renumber(99, second), wasi.BADF);
  fails("fd_renumber to a number that is not open", wasi.fd_renumber(second, 99), wasi.BADF);
  wasi.fd_close(second);
  let highest = 0;
  for (let turn = 0; turn < 2000; turn += 1) {
    const fd = open(wasi.ROOT, "file", 0, wasi.RIGHT_READ);
    if (fd > highest) highest = fd;
    wasi.fd_close(fd);
  }
  holds("descriptors that are closed are used again", highest > 0 && highest < 100);
}

function main(): void {
  readingAndWriting();
  appending();
  sizes();
  metadata();
  names();
  numbers();
  finish();
}

main();
