// SPDX-License-Identifier: Apache-2.0
import type { TtrpcEvent } from "../event.ts";
import { serve, type TtrpcServer } from "../server.ts";
import { type Handlers, service } from "../service.ts";
import { type Status, StatusCode } from "../status.ts";
import { TtrpcError } from "../ttrpc-error.ts";
import { EchoDefinition } from "./echo.ts";
import { createSocketPath } from "./socket-path.ts";

/** A server of `EchoDefinition` for a test, with what it logged. */
export interface EchoServer extends AsyncDisposable {
  readonly path: string;
  readonly server: TtrpcServer;
  readonly events: readonly TtrpcEvent[];
  /** Resolves with the first event of that kind, past or to come. */
  event<K extends TtrpcEvent["kind"]>(kind: K): Promise<Extract<TtrpcEvent, { kind: K }>>;
}

/** Serves the given handlers on a socket of its own. A thrown TtrpcError is its own status, anything else is Unknown. */
export function startEchoServer(
  handlers: Handlers<typeof EchoDefinition>,
  toStatus: (error: unknown) => Status = statusOf,
): EchoServer {
  const socket = createSocketPath();
  const events: TtrpcEvent[] = [];
  const watchers = new Set<(event: TtrpcEvent) => void>();
  const server = serve({
    listen: { path: socket.path },
    services: [service(EchoDefinition, handlers)],
    toStatus,
    log(event) {
      events.push(event);
      for (const watcher of watchers) {
        watcher(event);
      }
    },
  });
  return {
    path: socket.path,
    server,
    events,
    event: (kind) =>
      new Promise((resolve) => {
        const watcher = (event: TtrpcEvent): void => {
          if (isOfKind(event, kind)) {
            watchers.delete(watcher);
            resolve(event);
          }
        };
        watchers.add(watcher);
        events.forEach(watcher);
      }),
    async [Symbol.asyncDispose]() {
      await server.close({ graceMs: 0 });
      socket[Symbol.dispose]();
    },
  };
}

function statusOf(error: unknown): Status {
  return error instanceof TtrpcError ? error : { code: StatusCode.Unknown, message: String(error) };
}

function isOfKind<K extends TtrpcEvent["kind"]>(
  event: TtrpcEvent,
  kind: K,
): event is Extract<TtrpcEvent, { kind: K }> {
  return event.kind === kind;
}
