// SPDX-License-Identifier: Apache-2.0
import { rmSync } from "node:fs";

const SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/** Until it is disposed, a signal that ends this process ends the file too. */
export function removeOnSignal(path: string): Disposable {
  const onSignal = (signal: NodeJS.Signals) => {
    rmSync(path, { force: true });
    stop();
    // Now with its usual effect, so that who waits for this process learns of the signal.
    process.kill(process.pid, signal);
  };
  const stop = () => SIGNALS.forEach((signal) => process.removeListener(signal, onSignal));
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return { [Symbol.dispose]: stop };
}
