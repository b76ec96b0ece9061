// SPDX-License-Identifier: Apache-2.0
import { trustOf } from "../http/trust.ts";
import { httpInterfaces } from "../http/http-interfaces.ts";
import type { Host } from "../link/host-interface.ts";
import { type CliOptions, cliInterfaces } from "./cli.ts";
import { clockInterfaces } from "./clocks.ts";
import { filesystemInterfaces } from "./filesystem.ts";
import { ioInterfaces } from "./io.ts";
import { createOpenBeneath, type Kernel, openKernel, type OpenBeneath } from "@runwasi/wasi/system";
import type { Preopen } from "./preopen.ts";
import { randomInterfaces } from "./random.ts";
import { socketInterfaces } from "./sockets.ts";
import { Waiter } from "./waiter.ts";

/** A guest's surroundings; nothing is taken from this process's own arguments, environment or folder. */
export interface HostOptions extends Omit<CliOptions, "kernel" | "stdio"> {
  readonly preopens: readonly Preopen[];
  /** The guest's stdin, stdout and stderr, which stay the caller's; 0, 1 and 2 when left out. */
  readonly stdio?: CliOptions["stdio"];
  /** Certificates (PEM) to trust beside the platform's own, asked for when a guest first makes a request over HTTPS. */
  readonly certificates?: () => string | undefined;
}

/** The interfaces of preview 2 for one or more guests, and what they wait with. */
export interface WasiHost {
  readonly interfaces: Host;
  readonly waiter: Waiter;
}

export function createHost({ args, env, preopens, stdio = [0, 1, 2], certificates }: HostOptions): WasiHost {
  const kernel = lazy<Kernel>(openKernel);
  const openBeneath = lazy<OpenBeneath>(() => createOpenBeneath(kernel()));
  const waiter = new Waiter(kernel);
  const interfaces = new Map(
    Object.entries({
      ...cliInterfaces({ args, env, stdio, kernel }),
      ...clockInterfaces(kernel),
      ...filesystemInterfaces({ kernel, openBeneath }, preopens),
      ...httpInterfaces(waiter, trustOf(certificates)),
      ...ioInterfaces(waiter),
      ...randomInterfaces(),
      ...socketInterfaces(),
    }),
  );
  return { interfaces, waiter };
}

function lazy<Value>(create: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= create());
}
