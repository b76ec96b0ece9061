// SPDX-License-Identifier: Apache-2.0
// proc_exit ends the program there and then, with its code; sched_yield comes back; no signal can be raised.
import { fails, succeeds } from "./check";
import { print } from "./text";
import * as wasi from "./wasi";

function main(): void {
  succeeds("sched_yield", wasi.sched_yield());
  fails("proc_raise of SIGUSR1", wasi.proc_raise(10), wasi.NOSYS, wasi.NOTSUP);
  print("ok everything up to proc_exit");
  wasi.proc_exit(42);
  print("not ok proc_exit returns never: got 0");
}

main();
