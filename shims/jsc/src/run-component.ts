// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import type { Guest } from "@runwasi/containerd-shim-wasm";
import { runComponent, serveComponent } from "@runwasi/wasi-preview2";

/** Where the makers of images keep the certificates that they trust. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** Runs or serves a component in this process. */
export async function runComponentGuest(
  { entry, args, env, preopens }: Guest,
  component: Uint8Array,
): Promise<number> {
  const options = {
    component,
    args,
    env,
    preopens: preopens.map(({ containerPath, guestPath }) => ({ hostPath: containerPath, guestPath })),
    certificates: () => (existsSync(CERTIFICATES) ? readFileSync(CERTIFICATES, "utf8") : undefined),
  };
  switch (entry.kind) {
    case "command":
      return runComponent(options);
    case "function":
      return runComponent({ ...options, invoke: entry.name });
    case "http":
      await serveComponent({ ...options, address: entry.address, signal: terminated() });
      return 0;
    default:
      return entry satisfies never;
  }
}

/** Aborted by SIGTERM and SIGINT, which end a server gracefully. */
function terminated(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}
