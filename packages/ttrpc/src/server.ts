// SPDX-License-Identifier: Apache-2.0
import type { DispatchOptions } from "./call-dispatcher.ts";
import { textOf } from "./error-text.ts";
import type { TtrpcLog } from "./event.ts";
import { ServerConnection } from "./server-connection.ts";
import type { Service } from "./service.ts";
import { type Status, StatusCode } from "./status.ts";
import { TtrpcError } from "./ttrpc-error.ts";

/** How long `close` waits for running calls when not told otherwise. */
const CLOSE_GRACE_MS = 500;

/** The bits of the file mode that a listening socket does not get: only its owner may connect. */
const SOCKET_UMASK = 0o177;

/** What to serve and where. */
export interface ServeOptions {
  /**
   * A listening socket inherited as a descriptor, which the server then owns, or the path of a socket to make (mode 0600;
   * unlinked by `close`). The path of an inherited socket stays the owner's to unlink.
   */
  readonly listen: { readonly fd: number } | { readonly path: string };
  readonly services: readonly Service[];
  /**
   * The one place where the owner turns what its handlers threw into a status. Not asked when a handler rejects with its
   * signal's `reason`, a status already. A code of Ok is sent as Unknown.
   */
  readonly toStatus: (error: unknown) => Status;
  readonly log?: TtrpcLog;
}

/** A running server; close or dispose it. */
export interface TtrpcServer extends AsyncDisposable {
  /** The number of open connections. */
  readonly connections: number;
  /**
   * Stops accepting, refuses new calls with Unavailable, lets running calls reply and their replies be taken, then ends.
   * What is not done after `graceMs` (500 when absent) is aborted. A second call waits for the first. A handler that awaits
   * this keeps its own call running: it should only start it.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
  /** `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Serves ttrpc on a unix socket; the caller closes the server.
 * Throws Unavailable (with the system's error as cause) when it cannot listen, and a TypeError when two services share a name.
 */
export function serve(options: ServeOptions): TtrpcServer {
  const shared: DispatchOptions = {
    services: byName(options.services),
    toStatus: options.toStatus,
    log: options.log ?? (() => {}),
  };
  const accepted: Accepted = { connections: new Set(), closing: false, allEnded: Promise.withResolvers() };
  const listener = listen(options.listen, acceptInto(accepted, shared));
  let closed: Promise<void> | undefined;
  const close: TtrpcServer["close"] = ({ graceMs = CLOSE_GRACE_MS } = {}) => {
    listener.stop();
    closed ??= endAll(accepted, graceMs);
    return closed;
  };
  return {
    get connections(): number {
      return accepted.connections.size;
    },
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

interface Accepted {
  readonly connections: Set<ServerConnection>;
  /** Once set, a connection still in the listener's queue is ended, and the last one to end resolves `allEnded`. */
  closing: boolean;
  readonly allEnded: PromiseWithResolvers<void>;
}

async function endAll(accepted: Accepted, graceMs: number): Promise<void> {
  const { connections, allEnded } = accepted;
  accepted.closing = true;
  for (const connection of connections) {
    connection.close();
  }
  if (connections.size === 0) {
    return;
  }
  const timer = setTimeout(() => {
    for (const connection of connections) {
      connection.terminate();
    }
  }, graceMs);
  await allEnded.promise;
  clearTimeout(timer);
}

function acceptInto(accepted: Accepted, shared: DispatchOptions): Bun.SocketHandler<SocketData> {
  const { connections, allEnded } = accepted;
  return {
    open(socket) {
      const connection = new ServerConnection(socket, shared);
      socket.data = connection;
      connections.add(connection);
      if (accepted.closing) {
        connection.close();
      }
    },
    data(socket, chunk) {
      socket.data?.receive(chunk);
    },
    drain(socket) {
      socket.data?.drain();
    },
    close(socket, error) {
      const connection = socket.data;
      if (connection === undefined) {
        return;
      }
      connections.delete(connection);
      connection.closed(error);
      if (accepted.closing && connections.size === 0) {
        allEnded.resolve();
      }
    },
    error(_socket, cause) {
      // A fault in this package: nothing above throws on what a peer or a handler does.
      shared.log({ kind: "internal-error", reason: cause.message, cause });
    },
  };
}

function byName(services: readonly Service[]): ReadonlyMap<string, Service> {
  const map = new Map<string, Service>();
  for (const service of services) {
    if (map.has(service.fullName)) {
      throw new TypeError(`cannot serve "${service.fullName}" twice`);
    }
    map.set(service.fullName, service);
  }
  return map;
}

type SocketData = ServerConnection | undefined;

function listen(
  where: ServeOptions["listen"],
  socket: Bun.SocketHandler<SocketData>,
): Bun.UnixSocketListener<SocketData> {
  try {
    if ("fd" in where) {
      // Bun takes the descriptor and then ignores `unix`, which its types ask for.
      const inherited = { fd: where.fd, unix: "", socket };
      return Bun.listen<SocketData>(inherited);
    }
    const umask = process.umask(SOCKET_UMASK);
    try {
      return Bun.listen<SocketData>({ unix: where.path, socket });
    } finally {
      process.umask(umask);
    }
  } catch (cause) {
    const name = "fd" in where ? `descriptor ${where.fd}` : `"${where.path}"`;
    throw new TtrpcError(StatusCode.Unavailable, `cannot listen on ${name}: ${textOf(cause)}`, { cause });
  }
}
