// SPDX-License-Identifier: Apache-2.0
// Symbolic and hard links.
import { equals, fails, finish, holds, succeeds } from "./check";
import { link, makeDirectory, open, readlink, statFd, statPath, symlink, tryOpen, unlink, writeFile } from "./path";
import { utf8 } from "./text";
import * as wasi from "./wasi";

const result = memory.data(8, 8);
const buffer: usize = heap.alloc(64);

function symbolic(): void {
  writeFile(wasi.ROOT, "target", "12345");
  succeeds("path_symlink", symlink("target", wasi.ROOT, "link"));
  fails("path_symlink over what exists", symlink("other", wasi.ROOT, "link"), wasi.EXIST);
  succeeds("path_symlink to what does not exist", symlink("nothing", wasi.ROOT, "dangling"));
  fails("path_symlink with an empty target", symlink("", wasi.ROOT, "empty"), wasi.NOENT, wasi.INVAL);
  succeeds("path_readlink", readlink(wasi.ROOT, "link", buffer, 64, result));
  equals("path_readlink tells the length", load<i32>(result), 6);
  holds("path_readlink reads the target", memory.compare(buffer, utf8("target").at, 6) === 0);
  memory.fill(buffer, 0xee, 64);
  succeeds("path_readlink into a buffer that is too small", readlink(wasi.ROOT, "link", buffer, 3, result));
  equals("path_readlink fills a buffer that is too small", load<i32>(result), 3);
  equals("path_readlink writes no more than the buffer", load<u8>(buffer + 3), 0xee);
  fails("path_readlink of a file", readlink(wasi.ROOT, "target", buffer, 64, result), wasi.INVAL);
  fails("path_readlink of what does not exist", readlink(wasi.ROOT, "none", buffer, 64, result), wasi.NOENT);
  equals("path_filestat_get follows a link", statPath(wasi.ROOT, "link").filetype, wasi.REGULAR_FILE);
  equals("path_filestat_get without following tells the link", statPath(wasi.ROOT, "link", wasi.NOFOLLOW).filetype, wasi.SYMBOLIC_LINK);
  equals("path_filestat_get without following tells the target's length", statPath(wasi.ROOT, "link", wasi.NOFOLLOW).size, 6);
  fails("path_filestat_get of a dangling link", statPath(wasi.ROOT, "dangling").errno, wasi.NOENT);
  succeeds("path_open follows a link", tryOpen(wasi.ROOT, "link", 0, wasi.RIGHT_READ));
  fails("path_open of a link without following", tryOpen(wasi.ROOT, "link", 0, wasi.RIGHT_READ, 0, wasi.NOFOLLOW), wasi.LOOP);
  fails("path_open of a dangling link", tryOpen(wasi.ROOT, "dangling", 0, wasi.RIGHT_READ), wasi.NOENT);
  fails("path_open with EXCL of a dangling link", tryOpen(wasi.ROOT, "dangling", wasi.O_CREAT | wasi.O_EXCL, wasi.READ_WRITE), wasi.EXIST);
}

function folders(): void {
  makeDirectory(wasi.ROOT, "folder");
  makeDirectory(wasi.ROOT, "folder/deep");
  writeFile(wasi.ROOT, "folder/deep/file", "abc");
  symlink("folder/deep", wasi.ROOT, "short");
  symlink("../../target", wasi.ROOT, "folder/deep/up");
  equals("a link to a folder is followed on the way", statPath(wasi.ROOT, "short/file", wasi.NOFOLLOW).size, 3);
  equals("a link with .. that stays inside is followed", statPath(wasi.ROOT, "folder/deep/up").size, 5);
  equals("a link behind a link is followed", statPath(wasi.ROOT, "short/up").size, 5);
  equals("a link with a slash behind it is followed", statPath(wasi.ROOT, "short/", wasi.NOFOLLOW).filetype, wasi.DIRECTORY);
  fails("path_open of a link to a folder, as a folder, without following", tryOpen(wasi.ROOT, "short", wasi.O_DIRECTORY, wasi.RIGHTS_DIRECTORY, 0, wasi.NOFOLLOW), wasi.LOOP, wasi.NOTDIR);
  fails("path_unlink_file of a link with a slash", unlink(wasi.ROOT, "short/"), wasi.NOTDIR, wasi.ISDIR, wasi.PERM);
  const path = utf8("short");
  succeeds("path_filestat_set_times of a link", wasi.path_filestat_set_times(wasi.ROOT, 0, path.at, path.size, 0, 1500000000000000000, 4));
  equals("path_filestat_set_times without following sets the link's", statPath(wasi.ROOT, "short", wasi.NOFOLLOW).mtim, 1500000000000000000);
  holds("path_filestat_set_times without following leaves the target's", statPath(wasi.ROOT, "short").mtim > 1600000000000000000);
  succeeds("path_unlink_file of a link", unlink(wasi.ROOT, "short"));
  succeeds("path_unlink_file of a link leaves the target", statPath(wasi.ROOT, "folder/deep").errno);
}

function loops(): void {
  symlink("loop-b", wasi.ROOT, "loop-a");
  symlink("loop-a", wasi.ROOT, "loop-b");
  symlink("self/x", wasi.ROOT, "self");
  fails("path_open of a loop of links", tryOpen(wasi.ROOT, "loop-a", 0, wasi.RIGHT_READ), wasi.LOOP);
  fails("path_filestat_get of a loop of links", statPath(wasi.ROOT, "loop-a").errno, wasi.LOOP);
  fails("path_open through a link to itself", tryOpen(wasi.ROOT, "self/y", 0, wasi.RIGHT_READ), wasi.LOOP);
  equals("path_filestat_get of a loop without following", statPath(wasi.ROOT, "loop-a", wasi.NOFOLLOW).filetype, wasi.SYMBOLIC_LINK);
}

function hard(): void {
  succeeds("path_link", link(wasi.ROOT, 0, "target", wasi.ROOT, "hard"));
  holds("path_link makes a name of the same file", statPath(wasi.ROOT, "hard").ino === statPath(wasi.ROOT, "target").ino);
  equals("path_link counts", statPath(wasi.ROOT, "hard").nlink, 2);
  fails("path_link over what exists", link(wasi.ROOT, 0, "target", wasi.ROOT, "hard"), wasi.EXIST);
  fails("path_link of a folder", link(wasi.ROOT, 0, "folder", wasi.ROOT, "hard-folder"), wasi.PERM, wasi.ACCES);
  fails("path_link of what does not exist", link(wasi.ROOT, 0, "none", wasi.ROOT, "new"), wasi.NOENT);
  succeeds("path_link of a link", link(wasi.ROOT, 0, "link", wasi.ROOT, "hard-link"));
  equals("path_link of a link links the link", statPath(wasi.ROOT, "hard-link", wasi.NOFOLLOW).filetype, wasi.SYMBOLIC_LINK);
  fails("path_link that follows", link(wasi.ROOT, wasi.FOLLOW, "link", wasi.ROOT, "hard-followed"), 0, wasi.INVAL, wasi.NOTSUP);
  const fd = open(wasi.ROOT, "folder", wasi.O_DIRECTORY, wasi.RIGHTS_DIRECTORY);
  succeeds("path_link between two descriptors", link(wasi.ROOT, 0, "target", fd, "hard"));
  unlink(wasi.ROOT, "target");
  equals("a file lives as long as one of its names", statPath(wasi.ROOT, "hard").size, 5);
  equals("the folder's link count is readable", statFd(fd).errno, 0);
}

function main(): void {
  symbolic();
  folders();
  loops();
  hard();
  finish();
}

main();
