// SPDX-License-Identifier: Apache-2.0
// No path leads out of a preopen: not by .., not from the root, not through links that were there before.
import { equals, fails, finish, succeeds } from "./check";
import { link, makeDirectory, open, readlink, removeDirectory, rename, statPath, symlink, tryOpen, unlink, writeFile } from "./path";
import { utf8 } from "./text";
import * as wasi from "./wasi";

const result = memory.data(8, 8);
const buffer: usize = heap.alloc(256);

function refused(check: string, errno: i32): void {
  fails(check, errno, wasi.PERM, wasi.NOTCAPABLE);
}

function outside(path: string): void {
  refused("path_open of " + path, tryOpen(wasi.ROOT, path, 0, wasi.RIGHT_READ));
  refused("path_open of " + path + " with CREAT", tryOpen(wasi.ROOT, path, wasi.O_CREAT, wasi.READ_WRITE));
  refused("path_filestat_get of " + path, statPath(wasi.ROOT, path).errno);
  const bytes = utf8(path);
  refused("path_filestat_set_times of " + path, wasi.path_filestat_set_times(wasi.ROOT, 1, bytes.at, bytes.size, 0, 0, 8));
}

function changes(path: string): void {
  refused("path_create_directory of " + path, makeDirectory(wasi.ROOT, path));
  refused("path_remove_directory of " + path, removeDirectory(wasi.ROOT, path));
  refused("path_unlink_file of " + path, unlink(wasi.ROOT, path));
  refused("path_rename to " + path, rename(wasi.ROOT, "inside", wasi.ROOT, path));
  refused("path_rename from " + path, rename(wasi.ROOT, path, wasi.ROOT, "taken"));
  refused("path_link to " + path, link(wasi.ROOT, 0, "inside", wasi.ROOT, path));
  refused("path_link from " + path, link(wasi.ROOT, 0, path, wasi.ROOT, "taken"));
  refused("path_symlink at " + path, symlink("inside", wasi.ROOT, path));
  refused("path_readlink of " + path, readlink(wasi.ROOT, path, buffer, 256, result));
}

function main(): void {
  writeFile(wasi.ROOT, "inside", "x");
  makeDirectory(wasi.ROOT, "folder");
  outside("..");
  outside("../outside");
  outside("folder/../../outside");
  outside("./folder/.././../outside");
  outside("/inside");
  outside("/etc/passwd");
  changes("../outside");
  changes("folder/../../outside");
  changes("/outside");
  refused("path_open of .. below a folder", tryOpen(open(wasi.ROOT, "folder", wasi.O_DIRECTORY, wasi.RIGHTS_DIRECTORY), "../inside", 0, wasi.RIGHT_READ));

  // Made by the host before the run.
  outside("link-out");
  outside("link-out/outside");
  outside("link-absolute");
  outside("link-to-link");
  refused("path_create_directory below a link that leads out", makeDirectory(wasi.ROOT, "link-parent/new"));
  refused("path_unlink_file below a link that leads out", unlink(wasi.ROOT, "link-parent/outside"));
  refused("path_rename to below a link that leads out", rename(wasi.ROOT, "inside", wasi.ROOT, "link-parent/inside"));
  refused("path_symlink below a link that leads out", symlink("inside", wasi.ROOT, "link-parent/new"));
  refused("path_readlink below a link that leads out", readlink(wasi.ROOT, "link-parent/outside", buffer, 256, result));

  // The link itself is inside and may be looked at and removed.
  equals("path_filestat_get of a link that leads out, without following", statPath(wasi.ROOT, "link-absolute", wasi.NOFOLLOW).filetype, wasi.SYMBOLIC_LINK);
  refused("path_symlink with an absolute target", symlink("/etc/passwd", wasi.ROOT, "mine"));
  succeeds("path_symlink with a target outside", symlink("../outside", wasi.ROOT, "escape"));
  refused("path_open of a link to outside that the guest made", tryOpen(wasi.ROOT, "escape", 0, wasi.RIGHT_READ));
  refused("path_open with CREAT of a link to outside that the guest made", tryOpen(wasi.ROOT, "escape", wasi.O_CREAT | wasi.O_TRUNC, wasi.READ_WRITE));
  succeeds("path_unlink_file of a link that leads out", unlink(wasi.ROOT, "escape"));

  succeeds("path_open of .. that stays inside", tryOpen(wasi.ROOT, "folder/../inside", 0, wasi.RIGHT_READ));
  succeeds("path_open of a path with many slashes", tryOpen(wasi.ROOT, "folder//..///inside", 0, wasi.RIGHT_READ));
  succeeds("what is inside is still there", statPath(wasi.ROOT, "inside").errno);
  finish();
}

main();
