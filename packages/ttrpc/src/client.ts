// SPDX-License-Identifier: Apache-2.0
import { type CallOptions, ClientConnection } from "./client-connection.ts";
import type { ServiceDefinition, UnaryMethodDefinition } from "./definition.ts";
import type { TtrpcLog } from "./event.ts";
import { StatusCode } from "./status.ts";
import { TtrpcError } from "./ttrpc-error.ts";

/** The pause between attempts to connect. */
const RETRY_MS = 5;

/** Where to connect. */
export interface ConnectOptions {
  /** A unix socket's path. */
  readonly path: string;
  /** Keep trying for this long while nobody listens. Absent or 0: one attempt. */
  readonly timeoutMs?: number;
  readonly log?: TtrpcLog;
}

/** A connection on which calls are made; dispose it. */
export interface TtrpcClient extends Disposable {
  /**
   * Calls a unary method. Any number of calls may run at once.
   * Rejects with a `TtrpcError`: see there for the codes.
   */
  call<Request, Response>(
    service: ServiceDefinition,
    method: UnaryMethodDefinition<Request, Response>,
    request: NoInfer<Request>,
    options?: CallOptions,
  ): Promise<Response>;
  /** Resolves when the connection has ended, whoever ended it. It never rejects. */
  readonly closed: Promise<void>;
  /** Ends the connection; pending calls reject with Canceled. Idempotent. */
  [Symbol.dispose](): void;
}

/** Connects to a server. Rejects with Unavailable (the system's error as cause) when it cannot. The caller disposes. */
export async function connect(options: ConnectOptions): Promise<TtrpcClient> {
  const connection = await open(options);
  return {
    closed: connection.ended,
    call: (service, method, request, callOptions = {}) =>
      connection.call({ serviceName: service.fullName, method, request, options: callOptions }),
    [Symbol.dispose]: () => connection.terminate(),
  };
}

async function open(options: ConnectOptions): Promise<ClientConnection> {
  const giveUpAtMs = performance.now() + (options.timeoutMs ?? 0);
  for (;;) {
    try {
      return await attempt(options.path, options.log ?? (() => {}));
    } catch (cause) {
      if (performance.now() + RETRY_MS > giveUpAtMs) {
        const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
        throw new TtrpcError(StatusCode.Unavailable, `cannot connect to "${options.path}": ${reason}`, {
          cause,
        });
      }
    }
    await Bun.sleep(RETRY_MS);
  }
}

type SocketData = ClientConnection | undefined;

async function attempt(path: string, log: TtrpcLog): Promise<ClientConnection> {
  const socket = await Bun.connect<SocketData>({
    unix: path,
    socket: {
      open(opened) {
        opened.data = new ClientConnection(opened, log);
      },
      data(from, chunk) {
        from.data?.receive(chunk);
      },
      drain(to) {
        to.data?.drain();
      },
      close(ended, error) {
        ended.data?.closed(error);
      },
      error(_socket, cause) {
        // A fault in this package: nothing above throws on what a peer does.
        log({ kind: "internal-error", reason: cause.message, cause });
      },
    },
  });
  return socket.data ?? new ClientConnection(socket, log);
}
