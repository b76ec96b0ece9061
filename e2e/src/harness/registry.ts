// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { imageToolBins } from "../../../scripts/toolchain/image-tools.ts";
import { mustRun } from "./command.ts";

const PATH = [...imageToolBins, process.env["PATH"] ?? ""].join(delimiter);
const PUSH_TIMEOUT_MS = 60_000;

/** The distribution project's registry on a loopback port of the kernel's choice, over plain HTTP. */
export interface Registry extends AsyncDisposable {
  /** As in `127.0.0.1:40000`. */
  readonly host: string;
  /**
   * Copies what an archive of an OCI layout has under a tag to `<host>/<name>`, as in `test/app:1.0`, with oras. Answers
   * the reference that it has then.
   */
  push(archive: string, tag: string, name: string): Promise<string>;
  /** Makes `<host>/<name>` an index of what has these tags in the same repository. */
  pushIndex(name: string, tags: readonly string[]): Promise<void>;
}

export interface RegistryOptions {
  /** Makes of a command one that runs in the network that the registry shall be in; this process's when absent. */
  readonly enter?: (argv: readonly string[]) => string[];
  /** Where its files go, and stay when it is disposed; a temporary folder when absent. */
  readonly storage?: string;
}

/** Starts a registry with its files in a temporary folder (`npm run engines` has built it); disposing ends and removes it. */
export async function startRegistry(options: RegistryOptions = {}): Promise<Registry> {
  const enter = options.enter ?? ((argv) => [...argv]);
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "runwasi-registry-"));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const child = Bun.spawn(enter(["registry", "serve", await writeConfiguration(folder, options.storage)]), {
    env: { PATH, OTEL_TRACES_EXPORTER: "none" },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const log = child.stderr.getReader();
  let rest = Promise.resolve();
  undo.defer(async () => {
    child.kill();
    await Promise.all([child.exited, rest]);
  });
  const host = await listeningAddress(() => log.read());
  // Read on, or it would stop at a full pipe.
  rest = readToEnd(() => log.read());
  const owned = undo.move();
  const oras = (...args: readonly string[]) =>
    mustRun(enter(["oras", ...args]), { env: { PATH, HOME: folder }, timeoutMs: PUSH_TIMEOUT_MS });
  return {
    host,
    async push(archive, tag, name) {
      const remote = `${host}/${name}`;
      await oras("cp", "--no-tty", "--from-oci-layout", `${archive}:${tag}`, "--to-plain-http", remote);
      return remote;
    },
    async pushIndex(name, tags) {
      await oras("manifest", "index", "create", "--plain-http", `${host}/${name}`, ...tags);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function writeConfiguration(folder: string, storage = join(folder, "registry")): Promise<string> {
  const path = join(folder, "registry.json");
  // YAML takes JSON.
  const configuration = {
    version: "0.1",
    log: { level: "info", formatter: "json" },
    storage: { filesystem: { rootdirectory: storage } },
    http: { addr: "127.0.0.1:0" },
  };
  await Bun.write(path, JSON.stringify(configuration));
  return path;
}

type Read = () => Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;

/** Reads the log up to the line that says where it listens. */
async function listeningAddress(read: Read): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await read();
    if (done) throw new Error(`the registry ended: ${text}`);
    text += decoder.decode(value, { stream: true });
    const address = /listening on (127\.0\.0\.1:\d+)/.exec(text)?.[1];
    if (address !== undefined) return address;
  }
}

async function readToEnd(read: Read): Promise<void> {
  while (!(await read()).done);
}
