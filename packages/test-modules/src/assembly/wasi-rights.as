// SPDX-License-Identifier: Apache-2.0
// What a descriptor was not opened for, it does not do; rights tell what it was opened for.
import { equals, fails, finish, holds, succeeds } from "./check";
import { fdstat, open, tryOpen, writeFile } from "./path";
import { Bytes, decode, iovec } from "./text";
import * as wasi from "./wasi";

const result = memory.data(8, 8);
const buffer: usize = heap.alloc(64);

function preopen(): void {
  succeeds("fd_prestat_get of the first preopen", wasi.fd_prestat_get(wasi.ROOT, result));
  equals("fd_prestat_get tells a folder", load<u8>(result), 0);
  const size = load<i32>(result, 4);
  succeeds("fd_prestat_dir_name", wasi.fd_prestat_dir_name(wasi.ROOT, buffer, size));
  holds("fd_prestat_dir_name tells the guest's name", decode(new Bytes(buffer, size)) == "/");
  fails("fd_prestat_dir_name into a buffer that is too small", wasi.fd_prestat_dir_name(wasi.ROOT, buffer, size - 1), wasi.NAMETOOLONG);
  fails("fd_prestat_get of a descriptor that is not open", wasi.fd_prestat_get(99, result), wasi.BADF);
  const fd = open(wasi.ROOT, ".", wasi.O_DIRECTORY, wasi.RIGHTS_DIRECTORY);
  fails("fd_prestat_get of a folder that is no preopen", wasi.fd_prestat_get(fd, result), wasi.BADF);
  fails("fd_prestat_dir_name of a folder that is no preopen", wasi.fd_prestat_dir_name(fd, buffer, 64), wasi.NOTDIR, wasi.BADF);
  const stat = fdstat(wasi.ROOT);
  equals("fd_fdstat_get tells that the preopen is a folder", stat.filetype, wasi.DIRECTORY);
  holds("the preopen has the right to open", (stat.base & (1 << 13)) !== 0);
  holds("the preopen has the right to list", (stat.base & (1 << 14)) !== 0);
  equals("the preopen lets files be read and written", stat.inheriting & wasi.READ_WRITE, wasi.READ_WRITE);
}

function directions(): void {
  writeFile(wasi.ROOT, "rights", "content");
  const reader = open(wasi.ROOT, "rights", 0, wasi.RIGHT_READ);
  equals("a file open to read has that right only", fdstat(reader).base & wasi.READ_WRITE, wasi.RIGHT_READ);
  fails("fd_write to a file open to read", wasi.fd_write(reader, iovec(buffer, 1), 1, result), wasi.BADF, wasi.NOTCAPABLE);
  fails("fd_pwrite to a file open to read", wasi.fd_pwrite(reader, iovec(buffer, 1), 1, 0, result), wasi.BADF, wasi.NOTCAPABLE);
  fails("fd_filestat_set_size of a file open to read", wasi.fd_filestat_set_size(reader, 0), wasi.INVAL, wasi.BADF, wasi.NOTCAPABLE);
  succeeds("fd_read of a file open to read", wasi.fd_read(reader, iovec(buffer, 1), 1, result));
  const writer = open(wasi.ROOT, "rights", 0, wasi.RIGHT_WRITE);
  equals("a file open to write has that right only", fdstat(writer).base & wasi.READ_WRITE, wasi.RIGHT_WRITE);
  fails("fd_read of a file open to write", wasi.fd_read(writer, iovec(buffer, 1), 1, result), wasi.BADF, wasi.NOTCAPABLE);
  fails("fd_pread of a file open to write", wasi.fd_pread(writer, iovec(buffer, 1), 1, 0, result), wasi.BADF, wasi.NOTCAPABLE);
  succeeds("fd_write to a file open to write", wasi.fd_write(writer, iovec(buffer, 1), 1, result));
  fails("fd_fdstat_set_rights", wasi.fd_fdstat_set_rights(reader, 0, 0), 0, wasi.NOTSUP);
  fails("fd_fdstat_set_rights of a descriptor that is not open", wasi.fd_fdstat_set_rights(99, 0, 0), wasi.BADF);
  fails("fd_fdstat_set_flags with SYNC", wasi.fd_fdstat_set_flags(writer, 16), wasi.INVAL, wasi.NOTSUP);
  succeeds("fd_fdstat_set_flags with NONBLOCK", wasi.fd_fdstat_set_flags(reader, wasi.FD_NONBLOCK));
  equals("fd_fdstat_get tells NONBLOCK", fdstat(reader).flags & wasi.FD_NONBLOCK, wasi.FD_NONBLOCK);
  succeeds("fd_read of a file with NONBLOCK", wasi.fd_read(reader, iovec(buffer, 1), 1, result));
  wasi.fd_close(reader);
  wasi.fd_close(writer);
}

function closed(): void {
  fails("fd_advise of a descriptor that is not open", wasi.fd_advise(99, 0, 0, 0), wasi.BADF);
  fails("fd_allocate of a descriptor that is not open", wasi.fd_allocate(99, 0, 1), wasi.BADF);
  fails("fd_sync of a descriptor that is not open", wasi.fd_sync(99), wasi.BADF);
  fails("fd_datasync of a descriptor that is not open", wasi.fd_datasync(99), wasi.BADF);
  fails("fd_fdstat_set_flags of a descriptor that is not open", wasi.fd_fdstat_set_flags(99, 0), wasi.BADF);
  fails("fd_filestat_get of a descriptor that is not open", wasi.fd_filestat_get(99, buffer), wasi.BADF);
  fails("fd_filestat_set_size of a descriptor that is not open", wasi.fd_filestat_set_size(99, 0), wasi.BADF);
  fails("fd_filestat_set_times of a descriptor that is not open", wasi.fd_filestat_set_times(99, 0, 0, 0), wasi.BADF);
  fails("fd_readdir of a descriptor that is not open", wasi.fd_readdir(99, buffer, 64, 0, result), wasi.BADF);
  fails("fd_tell of a descriptor that is not open", wasi.fd_tell(99, result), wasi.BADF);
  fails("fd_prestat_dir_name of a descriptor that is not open", wasi.fd_prestat_dir_name(99, buffer, 64), wasi.BADF);
  fails("path_open relative to a descriptor that is not open", tryOpen(99, "rights", 0, wasi.RIGHT_READ), wasi.BADF);
  fails("fd_close of a descriptor that was never open", wasi.fd_close(-1), wasi.BADF);
}

function main(): void {
  preopen();
  directions();
  closed();
  finish();
}

main();
