// SPDX-License-Identifier: Apache-2.0
// A guest has no file system but the folders that it was given; a path lies in the one with the longest name, as a C
// library has it.
import * as wasi from "./wasi";

const prestat = memory.data(8, 4);
const folderStat = memory.data(24, 8);
const opened = memory.data(4, 4);

/** Opens a file to write, made or emptied; answers its descriptor, or an errno as a negative number. */
export function createFile(path: string): i32 {
  const absolute = path.startsWith("/") ? path : "/" + path;
  let folder = -1;
  let longest = -1;
  for (let fd = wasi.FIRST_PREOPEN; wasi.fd_prestat_get(fd, prestat) === 0; fd += 1) {
    const name = preopenName(fd, load<i32>(prestat, 4));
    if (name.length > longest && lies(absolute, name)) {
      folder = fd;
      longest = name.length;
    }
  }
  if (folder === -1) return -76;
  return openBelow(folder, absolute.slice(longest + 1));
}

/** The name of a folder without slashes at its ends but the first: "" is the root, "/data" another. */
function preopenName(fd: i32, size: i32): string {
  const buffer = heap.alloc(size + 1);
  wasi.fd_prestat_dir_name(fd, buffer, size);
  let name = String.UTF8.decodeUnsafe(buffer, size);
  while (name.endsWith("/")) name = name.slice(0, -1);
  if (name == "." || name.length === 0) return "";
  return name.startsWith("/") ? name : "/" + name;
}

function lies(path: string, folder: string): bool {
  return path.startsWith(folder + "/");
}

function openBelow(folder: i32, path: string): i32 {
  const inheriting: i64 = wasi.fd_fdstat_get(folder, folderStat) === 0 ? load<i64>(folderStat, 16) : 0;
  const bytes = String.UTF8.encode(path);
  const errno = wasi.path_open(
    folder, wasi.FOLLOW, changetype<usize>(bytes), bytes.byteLength, wasi.O_CREAT | wasi.O_TRUNC,
    wasi.RIGHTS_TO_WRITE & inheriting, inheriting, 0, opened);
  return errno === 0 ? load<i32>(opened) : -errno;
}
