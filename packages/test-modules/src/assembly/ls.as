// SPDX-License-Identifier: Apache-2.0
// Prints the names in the folder args[1], sorted, with their kinds.
import { arg, argCount } from "./args";
import { list } from "./dirent";
import { openGuestPath } from "./guest-path";
import { print, utf8, write } from "./text";
import * as wasi from "./wasi";

function main(): void {
  const path = argCount() > 1 ? arg(1) : "/";
  const fd = openGuestPath(path, wasi.O_DIRECTORY, wasi.RIGHTS_DIRECTORY);
  const listing = list(fd, 4096);
  if (fd < 0 || listing.errno !== 0) {
    write(2, utf8("cannot list " + path + ": errno " + (fd < 0 ? -fd : listing.errno).toString() + "\n"));
    wasi.proc_exit(1);
  }
  const lines: string[] = [];
  for (let index = 0; index < listing.entries.length; index += 1) {
    const entry = listing.entries[index];
    if (entry.name == "." || entry.name == "..") continue;
    const mark = entry.filetype === wasi.DIRECTORY ? "/" : entry.filetype === wasi.SYMBOLIC_LINK ? "@" : "";
    lines.push(entry.name + mark);
  }
  lines.sort();
  for (let index = 0; index < lines.length; index += 1) print(lines[index]);
}

main();
