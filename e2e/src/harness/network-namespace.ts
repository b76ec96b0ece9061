// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { waitUntil } from "./wait-until.ts";

/** State of a connection in /proc/net/tcp: proc_net_tcp of the kernel's documentation. */
const ESTABLISHED = "01";

/** A network of its own with a loopback interface and nothing else: every port is free, and nobody else listens. */
export interface NetworkNamespace extends AsyncDisposable {
  /** For `ctr run`: the container is in this network. */
  readonly flags: readonly string[];
  /** The same command, to be run inside the namespace; it ends with this process. */
  enter(argv: readonly string[]): string[];
  /** Waits until a server in there has accepted a connection on a port. */
  accepted(port: number): Promise<void>;
}

/** Opens a network namespace; the caller disposes, when nothing runs in it any more. */
export async function openNetworkNamespace(): Promise<NetworkNamespace> {
  const setUp = "ip link set lo up && echo ready && exec sleep infinity";
  const holder = Bun.spawn(["unshare", "--net", "setpriv", "--pdeathsig", "KILL", "sh", "-c", setUp], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const first = await holder.stdout.getReader().read();
  if (first.done) throw new Error(`cannot open network namespace: set-up ended with ${await holder.exited}`);
  const path = `/proc/${holder.pid}/ns/net`;
  return {
    flags: ["--with-ns", `network:${path}`],
    enter: (argv) => ["nsenter", `--net=${path}`, "--", "setpriv", "--pdeathsig", "KILL", ...argv],
    async accepted(port) {
      await waitUntil(`a connection to port ${port}`, async () => {
        const connections = parseConnections(await readFile(`/proc/${holder.pid}/net/tcp`, "utf8"));
        const found = connections.some(
          (one) => one.state === ESTABLISHED && one.localPort === port && one.inode !== 0,
        );
        return found ? true : undefined;
      });
    },
    async [Symbol.asyncDispose]() {
      holder.kill("SIGKILL");
      await holder.exited;
    },
  };
}

/** A connection has an inode when a process has accepted or made it. */
function parseConnections(table: string) {
  return table
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [, local = "", , state = "", , , , , , inode = "0"] = line.trim().split(/\s+/);
      return { localPort: Number.parseInt(local.split(":")[1] ?? "", 16), state, inode: Number(inode) };
    });
}
