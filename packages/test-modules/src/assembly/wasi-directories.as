// SPDX-License-Identifier: Apache-2.0
// Directories: make, list with buffers of any size, resume at cookies, move, remove, and their errors.
import { equals, fails, finish, holds, succeeds } from "./check";
import { Entry, list } from "./dirent";
import { fdstat, makeDirectory, open, removeDirectory, rename, statFd, statPath, tryOpen, unlink, writeFile } from "./path";
import { iovec } from "./text";
import * as wasi from "./wasi";

const FILES: i32 = 60;
const result = memory.data(8, 8);

function find(entries: Entry[], name: string): Entry | null {
  for (let index = 0; index < entries.length; index += 1) if (entries[index].name == name) return entries[index];
  return null;
}

function listing(): void {
  succeeds("path_create_directory", makeDirectory(wasi.ROOT, "list"));
  for (let index = 0; index < FILES; index += 1) writeFile(wasi.ROOT, "list/file-" + index.toString(), "x");
  makeDirectory(wasi.ROOT, "list/folder");
  const fd = open(wasi.ROOT, "list", wasi.O_DIRECTORY, wasi.RIGHTS_DIRECTORY);
  holds("path_open of a folder", fd > wasi.ROOT);
  equals("fd_fdstat_get tells a folder", fdstat(fd).filetype, wasi.DIRECTORY);
  equals("fd_filestat_get tells a folder", statFd(fd).filetype, wasi.DIRECTORY);
  const all = list(fd, 65536);
  succeeds("fd_readdir", all.errno);
  equals("fd_readdir lists everything, . and .. included", all.entries.length, FILES + 3);
  holds("fd_readdir lists .", find(all.entries, ".") !== null);
  holds("fd_readdir lists ..", find(all.entries, "..") !== null);
  const file = find(all.entries, "file-7");
  const folder = find(all.entries, "folder");
  holds("fd_readdir tells a file's type", file !== null && file.filetype === wasi.REGULAR_FILE);
  holds("fd_readdir tells a folder's type", folder !== null && folder.filetype === wasi.DIRECTORY);
  holds("fd_readdir tells a file's inode", file !== null && file.ino === statPath(wasi.ROOT, "list/file-7").ino);
  const self = find(all.entries, ".");
  holds("fd_readdir tells the folder's own inode", self !== null && self.ino === statFd(fd).ino);

  for (let size = 24; size <= 1024; size = size * 3 + 1) {
    const part = list(fd, size);
    equals("fd_readdir with " + size.toString() + " bytes at first lists everything", part.entries.length, FILES + 3);
  }
  let same = true;
  for (let index = 0; index < all.entries.length; index += 7) {
    const rest = list(fd, 300, all.entries[index].next).entries;
    if (rest.length !== all.entries.length - index - 1) same = false;
    else if (rest.length > 0 && rest[0].name != all.entries[index + 1].name) same = false;
  }
  holds("fd_readdir goes on behind the entry of a cookie", same);
  equals("fd_readdir starts again at cookie 0", list(fd, 512, 0).entries.length, FILES + 3);
  const last = all.entries[all.entries.length - 1].next;
  equals("fd_readdir behind the last entry lists nothing", list(fd, 512, last).entries.length, 0);
  const buffer = heap.alloc(64);
  succeeds("fd_readdir into no bytes", wasi.fd_readdir(fd, buffer, 0, 0, result));
  equals("fd_readdir into no bytes uses none", load<i32>(result), 0);
  memory.fill(buffer, 0xee, 64);
  succeeds("fd_readdir into few bytes", wasi.fd_readdir(fd, buffer, 10, 0, result));
  equals("fd_readdir fills a buffer that is too small", load<i32>(result), 10);
  equals("fd_readdir writes no more than the buffer", load<u8>(buffer + 10), 0xee);

  fails("fd_readdir of a file", wasi.fd_readdir(open(wasi.ROOT, "list/file-0", 0, wasi.RIGHT_READ), buffer, 64, 0, result), wasi.NOTDIR, wasi.BADF);
  fails("fd_readdir of stdin", wasi.fd_readdir(0, buffer, 64, 0, result), wasi.NOTDIR, wasi.BADF);
  fails("fd_read of a folder", wasi.fd_read(fd, iovec(buffer, 1), 1, result), wasi.ISDIR, wasi.BADF);
  fails("fd_write to a folder", wasi.fd_write(fd, iovec(buffer, 1), 1, result), wasi.ISDIR, wasi.BADF);
  fails("fd_seek of a folder", wasi.fd_seek(fd, 0, wasi.SET, result), wasi.BADF, wasi.ISDIR);
  fails("path_open of a folder to write", tryOpen(wasi.ROOT, "list", 0, wasi.READ_WRITE), wasi.ISDIR);
  fails("path_open of a folder with CREAT", tryOpen(wasi.ROOT, "list", wasi.O_CREAT, wasi.READ_WRITE), wasi.ISDIR);
  fails("path_open with CREAT and DIRECTORY", tryOpen(wasi.ROOT, "new", wasi.O_CREAT | wasi.O_DIRECTORY, wasi.RIGHT_READ), wasi.INVAL);
  succeeds("path_open relative to a folder that was opened", tryOpen(fd, "file-1", 0, wasi.RIGHT_READ));
  succeeds("path_open of . in a folder that was opened", tryOpen(fd, ".", wasi.O_DIRECTORY, wasi.RIGHTS_DIRECTORY));
  fails("path_open of .. in a folder that was opened", tryOpen(fd, "..", wasi.O_DIRECTORY, wasi.RIGHTS_DIRECTORY), wasi.PERM, wasi.NOTCAPABLE);
  fails("path_open relative to a file", tryOpen(open(wasi.ROOT, "list/file-0", 0, wasi.RIGHT_READ), "x", 0, wasi.RIGHT_READ), wasi.NOTDIR, wasi.BADF);
  fails("path_open relative to stdout", tryOpen(1, "x", 0, wasi.RIGHT_READ), wasi.BADF, wasi.NOTDIR);
  wasi.fd_close(fd);
}

function making(): void {
  fails("path_create_directory of what exists", makeDirectory(wasi.ROOT, "list"), wasi.EXIST);
  fails("path_create_directory over a file", makeDirectory(wasi.ROOT, "list/file-0"), wasi.EXIST);
  fails("path_create_directory in what does not exist", makeDirectory(wasi.ROOT, "none/new"), wasi.NOENT);
  fails("path_create_directory in a file", makeDirectory(wasi.ROOT, "list/file-0/new"), wasi.NOTDIR);
  fails("path_create_directory of nothing", makeDirectory(wasi.ROOT, ""), wasi.NOENT);
  fails("path_create_directory of .", makeDirectory(wasi.ROOT, "."), wasi.EXIST);
  succeeds("path_create_directory with a slash", makeDirectory(wasi.ROOT, "slash/"));
  succeeds("path_create_directory through ..", makeDirectory(wasi.ROOT, "slash/../beside"));
  equals("path_create_directory through .. makes it there", statPath(wasi.ROOT, "beside").filetype, wasi.DIRECTORY);
}

function moving(): void {
  makeDirectory(wasi.ROOT, "one");
  makeDirectory(wasi.ROOT, "two");
  writeFile(wasi.ROOT, "one/inside", "x");
  succeeds("path_rename of a folder over an empty one", rename(wasi.ROOT, "one", wasi.ROOT, "two"));
  succeeds("path_rename of a folder keeps what is in it", statPath(wasi.ROOT, "two/inside").errno);
  makeDirectory(wasi.ROOT, "three");
  fails("path_rename of a folder over one with files", rename(wasi.ROOT, "three", wasi.ROOT, "two"), wasi.NOTEMPTY, wasi.EXIST);
  fails("path_rename of a folder over a file", rename(wasi.ROOT, "three", wasi.ROOT, "two/inside"), wasi.NOTDIR);
  fails("path_rename of a file over a folder", rename(wasi.ROOT, "two/inside", wasi.ROOT, "three"), wasi.ISDIR);
  fails("path_rename of a folder into itself", rename(wasi.ROOT, "two", wasi.ROOT, "two/below"), wasi.INVAL);
  const fd = open(wasi.ROOT, "three", wasi.O_DIRECTORY, wasi.RIGHTS_DIRECTORY);
  succeeds("path_rename between two descriptors", rename(wasi.ROOT, "two/inside", fd, "moved"));
  succeeds("path_rename between two descriptors moves", statPath(wasi.ROOT, "three/moved").errno);
  wasi.fd_close(fd);
}

function removing(): void {
  fails("path_remove_directory of one with files", removeDirectory(wasi.ROOT, "list"), wasi.NOTEMPTY);
  fails("path_remove_directory of a file", removeDirectory(wasi.ROOT, "list/file-0"), wasi.NOTDIR);
  fails("path_remove_directory of what does not exist", removeDirectory(wasi.ROOT, "none"), wasi.NOENT);
  fails("path_remove_directory of .", removeDirectory(wasi.ROOT, "."), wasi.INVAL, wasi.PERM, 10);
  fails("path_unlink_file of a folder", unlink(wasi.ROOT, "two"), wasi.ISDIR, wasi.PERM);
  fails("path_unlink_file of a file with a slash", unlink(wasi.ROOT, "list/file-0/"), wasi.NOTDIR);
  succeeds("path_remove_directory", removeDirectory(wasi.ROOT, "two"));
  succeeds("path_remove_directory with a slash", removeDirectory(wasi.ROOT, "slash/"));
  fails("path_remove_directory takes the name away", statPath(wasi.ROOT, "two").errno, wasi.NOENT);
  const fd = open(wasi.ROOT, "beside", wasi.O_DIRECTORY, wasi.RIGHTS_DIRECTORY);
  removeDirectory(wasi.ROOT, "beside");
  fails("path_open in a folder that was removed", tryOpen(fd, "x", wasi.O_CREAT, wasi.READ_WRITE), wasi.NOENT);
  wasi.fd_close(fd);
}

function main(): void {
  listing();
  making();
  moving();
  removing();
  finish();
}

main();
