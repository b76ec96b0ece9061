// SPDX-License-Identifier: Apache-2.0
// The same HTTP server twice: wasmtime as the shim starts it, and by hand with the very same settings.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { imageName, type Containerd } from "@runwasi/e2e";
import { startDetached } from "../../e2e/src/harness/detached.ts";
import { openNetworkNamespace } from "../../e2e/src/harness/network-namespace.ts";
import { wasmtimeBin } from "../../scripts/toolchain/wasmtime.ts";
import { joinCgroupsOf } from "./join-cgroups.ts";

/** What wasmtime says when it listens, and where. */
const SERVING = "Serving HTTP on";
export const HTTP_URL = "http://127.0.0.1:8080/";

/** A server in a network namespace of its own. */
export interface HttpServer extends AsyncDisposable {
  readonly pid: number;
  /** The same command, to be run inside the namespace. */
  readonly enter: (argv: readonly string[]) => string[];
  /** Its command line from `serve` on, the component left out. */
  readonly settings: readonly string[];
  /** `A=b` */
  readonly environment: readonly string[];
}

/** Serves /component-http-hello.wasm of an image through the shim, with runtime options in TOML; the caller disposes. */
export async function serveByShim(containerd: Containerd, image: string, toml: string): Promise<HttpServer> {
  await using undo = new AsyncDisposableStack();
  const network = undo.use(await openNetworkNamespace());
  const options = join(containerd.folder, `options-${containerd.nextId()}.toml`);
  await writeFile(options, toml);
  const flags = [...network.flags, "--runtime-config-path", options];
  const container = undo.use(
    await startDetached(containerd, { runtime: "wasmtime", image: imageName(image), flags }),
  );
  await container.printed(SERVING);
  const { pid } = container;
  const argv = await readStrings(`/proc/${pid}/cmdline`);
  const settings = argv.slice(argv.indexOf("serve"), -1);
  const environment = await readStrings(`/proc/${pid}/environ`);
  return own({ pid, enter: (inner) => network.enter(inner), settings, environment }, undo.move());
}

/**
 * Serves a component by hand as another server does: its settings, its environment, its cgroups, for the kernel gives a
 * cgroup as much of a busy processor as a single process outside. The caller disposes, before that server.
 */
export async function serveByHand(like: HttpServer, component: string): Promise<HttpServer> {
  await using undo = new AsyncDisposableStack();
  const network = undo.use(await openNetworkNamespace());
  const wasmtime = join(wasmtimeBin(), "wasmtime");
  const argv = ["env", "--ignore-environment", ...like.environment, wasmtime, ...like.settings, component];
  const child = undo.adopt(
    Bun.spawn(network.enter(argv), { stdin: "ignore", stdout: "ignore", stderr: "pipe", cwd: "/" }),
    async (process) => {
      process.kill("SIGKILL");
      await process.exited;
    },
  );
  await waitForText(child.stderr, SERVING);
  await joinCgroupsOf(like.pid, child.pid);
  return own({ ...like, pid: child.pid, enter: (inner) => network.enter(inner) }, undo.move());
}

function own(server: Omit<HttpServer, keyof AsyncDisposable>, resources: AsyncDisposable): HttpServer {
  return { ...server, [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose]() };
}

/** The stream stays open behind it: wasmtime ends when it cannot write. */
async function waitForText(stream: ReadableStream<Uint8Array>, text: string): Promise<void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  for (let printed = ""; !printed.includes(text);) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`cannot serve by hand: wasmtime ended and printed "${printed}"`);
    printed += decoder.decode(value, { stream: true });
  }
}

/** Strings that each end with a zero byte. */
async function readStrings(path: string): Promise<readonly string[]> {
  return (await Bun.file(path).text()).split("\0").slice(0, -1);
}
