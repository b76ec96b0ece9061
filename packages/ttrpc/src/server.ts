// SPDX-License-Identifier: Apache-2.0
import type { DispatchOptions } from "./call-dispatcher.ts";
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

/** A running server. */
export interface TtrpcServer {
  /** The number of open connections. */
  readonly connections: number;
  /**
   * Stops accepting, refuses new calls with Unavailable, lets running calls reply and their replies be taken, then ends.
   * What is not done after `graceMs` (500 when absent) is aborted. A second call waits for the first.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
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
  const connections = new Set<ServerConnection>();
  const allEnded = Promise.withResolvers<void>();
  let closing: Promise<void> | undefined;

  const listener = listen(options.listen, {
    open(socket) {
      const connection = new ServerConnection(socket, shared);
      socket.data = connection;
      connections.add(connection);
      if (closing !== undefined) {
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
      if (closing !== undefined && connections.size === 0) {
        allEnded.resolve();
      }
    },
    error(_socket, cause) {
      // A fault in this package: nothing above throws on what a peer or a handler does.
      shared.log({ kind: "internal-error", reason: cause.message, cause });
    },
  });

  return {
    get connections(): number {
      return connections.size;
    },
    close(closeOptions) {
      closing ??= end(
        { listener, connections, allEnded: allEnded.promise },
        closeOptions?.graceMs ?? CLOSE_GRACE_MS,
      );
      return closing;
    },
  };
}

interface Running {
  readonly listener: { stop(): void };
  readonly connections: ReadonlySet<ServerConnection>;
  /** Resolves when the last connection ends after closing began. */
  readonly allEnded: Promise<void>;
}

async function end({ listener, connections, allEnded }: Running, graceMs: number): Promise<void> {
  listener.stop();
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
  await allEnded;
  clearTimeout(timer);
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
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TtrpcError(StatusCode.Unavailable, `cannot listen on ${name}: ${reason}`, { cause });
  }
}
