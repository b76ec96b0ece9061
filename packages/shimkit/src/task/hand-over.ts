// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import type { Instance } from "../instance.ts";
import type { Stdio } from "../stdio/stdio.ts";

/** Gives an instance its stdio. What cannot have it is ended: nothing of it is left when this throws. */
export async function handOver(stdio: Stdio, instance: Instance): Promise<void> {
  try {
    stdio.handedOver();
  } catch (error) {
    await instance.kill(constants.signals.SIGKILL, false);
    await instance.exited;
    await instance.delete();
    throw error;
  }
}
