// SPDX-License-Identifier: Apache-2.0
import { writeSync } from "node:fs";
import { type Component, loadComponent } from "./component.ts";
import { ComponentError } from "./component-error.ts";
import { createHost, type HostOptions } from "./host/host.ts";
import { answerRequest } from "./http/answer-request.ts";
import { InstanceSupply } from "./http/instance-supply.ts";
import { parseAddress, type SocketAddress } from "./http/socket-address.ts";
import { findExport, HANDLE } from "./link/find-export.ts";
import { instantiate } from "./link/instantiate.ts";
import { trapMessage } from "./trap-message.ts";

/** A component that serves HTTP, and all it gets. */
export interface ServeOptions extends HostOptions {
  readonly component: Uint8Array | Component;
  /** `host:port`, `[::]:8080`; port 0 takes any that is free. */
  readonly address: string;
  /** Ends serving: what is in flight is finished, nothing new is accepted. */
  readonly signal: AbortSignal;
  /** Called with the port once connections are accepted. */
  readonly onListening?: (port: number) => void;
}

/**
 * Serves a component's `wasi:http/incoming-handler`, every request with an instance of its own, until `signal`.
 *
 * Resolves when the last request is answered and its guest has ended. A guest that traps is reported on stderr, its
 * request answered with status 500 unless the head of another answer was sent. Throws `ComponentError` when the
 * component cannot be linked or the address cannot be had.
 */
export async function serveComponent(options: ServeOptions): Promise<void> {
  const address = parseAddress(options.address);
  const { definition } = loadComponent(options.component);
  const { interfaces, waiter } = createHost(options);
  using _inUse = waiter.useEventLoop();
  const [, , stderr] = options.stdio ?? [0, 1, 2];
  using supply = new InstanceSupply(() => instantiate(definition, interfaces));
  const inFlight = new Set<Promise<void>>();
  const handle = (request: Request): Promise<Response> => {
    const instance = supply.take();
    const { response, done } = answerRequest(findExport(instance.exports, HANDLE), request);
    const ended = done
      .catch((error: unknown) => report(stderr, trapMessage(error)))
      .finally(() => {
        instance[Symbol.dispose]();
        inFlight.delete(ended);
      });
    inFlight.add(ended);
    return response;
  };
  findExport(supply.peek().exports, HANDLE);
  using server = listen(address, handle);
  options.onListening?.(server.port ?? 0);
  await aborted(options.signal);
  await stopGracefully(server, inFlight);
}

type Server = Bun.Server<undefined>;

/** How often the requests that are left are counted: the platform tells of none of them when it ends. */
const DRAIN_INTERVAL_MS = 5;

async function stopGracefully(server: Server, inFlight: ReadonlySet<Promise<void>>): Promise<void> {
  // Its promise waits for connections that are only kept alive, too.
  void server.stop(false);
  while (inFlight.size > 0 || server.pendingRequests > 0) {
    await Promise.allSettled(inFlight);
    await Bun.sleep(DRAIN_INTERVAL_MS);
  }
}

function listen({ hostname, port }: SocketAddress, fetch: (request: Request) => Promise<Response>): Server {
  try {
    return Bun.serve({
      hostname,
      port,
      fetch,
      development: false,
      // How long a guest takes and how much it is sent is its own affair.
      idleTimeout: 0,
      maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ComponentError("bad-address", `cannot serve on "${hostname}" port ${port}: ${reason}`, {
      cause,
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function report(stderr: number, text: string): void {
  try {
    writeSync(stderr, `${text}\n`);
  } catch {
    // The guest's stderr is gone; the request's status still tells.
  }
}
