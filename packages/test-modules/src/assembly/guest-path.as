// SPDX-License-Identifier: Apache-2.0
// Finds the preopen that a path of the guest lies in, as a C library does.
import { Bytes, decode } from "./text";
import { open } from "./path";
import * as wasi from "./wasi";

function without(path: string, prefix: string): string {
  let rest = path.slice(prefix.length);
  while (rest.startsWith("/")) rest = rest.slice(1);
  return rest.length === 0 ? "." : rest;
}

function covers(prefix: string, path: string): bool {
  if (!path.startsWith(prefix)) return false;
  return prefix.endsWith("/") || path.length === prefix.length || path.charAt(prefix.length) == "/";
}

/** Opens a path, relative to the preopen `.` where there is one and to `/` else, below the preopen with the longest name; an errno as a negative number. */
export function openGuestPath(path: string, oflags: i32, rights: i64): i32 {
  const absolute = path.startsWith("/") ? path : "/" + path;
  const prestat = heap.alloc(8);
  let best = -1;
  let bestName = "";
  for (let fd = wasi.ROOT; wasi.fd_prestat_get(fd, prestat) === 0; fd += 1) {
    const size = load<i32>(prestat, 4);
    const buffer = heap.alloc(size);
    if (wasi.fd_prestat_dir_name(fd, buffer, size) !== 0) continue;
    let name = decode(new Bytes(buffer, size));
    // An engine may leave a name's first slash out, which a C library does not look at.
    if (name != "." && !name.startsWith("/")) name = "/" + name;
    if (name == "." && !path.startsWith("/")) return open(fd, path, oflags, rights);
    if (covers(name, absolute) && (best === -1 || name.length > bestName.length)) {
      best = fd;
      bestName = name;
    }
  }
  if (best === -1) return -wasi.NOTCAPABLE;
  return open(best, without(absolute, bestName), oflags, rights);
}
