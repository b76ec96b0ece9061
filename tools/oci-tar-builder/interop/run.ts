// SPDX-License-Identifier: Apache-2.0
import { delimiter, join } from "node:path";
import { imageToolBins } from "../../../scripts/toolchain/image-tools.ts";

const MAIN = join(import.meta.dir, "../src/main.ts");
const PATH = [...imageToolBins, process.env["PATH"] ?? ""].join(delimiter);

/** Runs a tool to its end, in a folder; throws with what it said when it fails. Answers its stdout. */
export async function run(argv: readonly string[], cwd: string): Promise<string> {
  const child = Bun.spawn([...argv], { cwd, env: { ...process.env, PATH }, stdin: "ignore", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  const status = await child.exited;
  if (status !== 0) throw new Error(`"${argv.join(" ")}" ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

/** Runs our builder. */
export async function build(argv: readonly string[], cwd: string): Promise<string> {
  return await run([process.execPath, MAIN, ...argv], cwd);
}

/** A registry on a loopback port of the kernel's choice; disposing ends it. */
export interface Registry extends AsyncDisposable {
  /** As in `127.0.0.1:40000`. */
  readonly host: string;
}

/** Starts the distribution project's registry, which keeps its files in `folder`. */
export async function startRegistry(folder: string): Promise<Registry> {
  const configuration = join(folder, "registry.json");
  await Bun.write(
    configuration,
    // YAML takes JSON.
    JSON.stringify({
      version: "0.1",
      log: { level: "info", formatter: "json" },
      storage: { filesystem: { rootdirectory: join(folder, "registry") } },
      http: { addr: "127.0.0.1:0" },
    }),
  );
  const child = Bun.spawn(["registry", "serve", configuration], {
    env: { PATH, OTEL_TRACES_EXPORTER: "none" },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const log = child.stderr.getReader();
  const host = await listeningAddress(() => log.read());
  // Read on, or it would stop at a full pipe.
  const rest = readToEnd(() => log.read());
  return {
    host,
    async [Symbol.asyncDispose]() {
      child.kill();
      await Promise.all([child.exited, rest]);
    },
  };
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
