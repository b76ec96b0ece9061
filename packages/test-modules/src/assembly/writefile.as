// SPDX-License-Identifier: Apache-2.0
// Writes the text args[2] to the file args[1], which is made or emptied.
import { arg, argCount } from "./args";
import { openGuestPath } from "./guest-path";
import { utf8, write } from "./text";
import * as wasi from "./wasi";

function main(): void {
  if (argCount() !== 3) wasi.proc_exit(2);
  const fd = openGuestPath(arg(1), wasi.O_CREAT | wasi.O_TRUNC, wasi.RIGHT_WRITE);
  if (fd < 0) {
    write(2, utf8("cannot write " + arg(1) + ": errno " + (-fd).toString() + "\n"));
    wasi.proc_exit(1);
  }
  write(fd, utf8(arg(2)));
  wasi.fd_close(fd);
}

main();
