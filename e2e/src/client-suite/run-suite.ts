// SPDX-License-Identifier: Apache-2.0
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { CLIENT_SUITE, clientSuiteBin } from "../../../scripts/toolchain/client-suite.ts";
import { containerdBin } from "../../../scripts/toolchain/containerd.ts";
import { imageToolBins } from "../../../scripts/toolchain/image-tools.ts";
import { makeCertificates } from "../harness/certificates.ts";
import { DIST } from "../harness/containerd.ts";
import { startRegistry } from "../harness/registry.ts";
import { endRemains, FOLDER_PREFIX, namespaceOf, sweepStaleFolders } from "../harness/remains.ts";
import { runtimeName, type Runtime } from "../harness/runtimes.ts";
import { parseOutcomes, type TestOutcome } from "./outcomes.ts";
import { pushImage } from "./push-image.ts";
import { standInImages } from "./stand-in-images.ts";

const SYSTEM_PATH = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/** The suite takes 100 s; a test of it that hangs ends with it. */
const SUITE_TIMEOUT = "4m";

interface SuiteOptions {
  /** Names of the tests to run; all when left out. */
  readonly tests?: readonly string[];
  /** A program that is not found in there. */
  readonly without?: string;
}

/**
 * Runs containerd's client suite to its end, with a containerd and a registry of its own of which nothing is left, and
 * answers what came of each test.
 */
export async function runClientSuite(
  runtime: Runtime,
  options: SuiteOptions = {},
): Promise<ReadonlyMap<string, TestOutcome>> {
  await sweepStaleFolders();
  const folder = await mkdtemp(FOLDER_PREFIX);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "owner"), String(process.pid));
  await furnish(folder);
  undo.defer(() => endRemains(folder, namespaceOf(folder)));
  const output = await runInSandbox(folder, runtime, options);
  const outcomes = parseOutcomes(output);
  if (outcomes.size === 0) throw new Error(`the client suite ran no test: ${output.slice(-5000)}`);
  return outcomes;
}

/** What sandbox.sh expects in the folder. */
async function furnish(folder: string): Promise<void> {
  for (const name of ["lib", "tmp"]) await mkdir(join(folder, name));
  await cp(join(dirname(clientSuiteBin), "testdata"), join(folder, "testdata"), { recursive: true });
  const images = await standInImages();
  const hosts = [...new Set(images.map(({ registry }) => registry))];
  await writeFile(join(folder, "hosts"), `127.0.0.1 localhost ${hosts.join(" ")}\n`);
  await makeCertificates(folder, hosts);
  {
    await using registry = await startRegistry({ storage: join(folder, "registry") });
    for (const image of images) await pushImage(registry.host, image);
  }
  await writeFile(join(folder, "registry.json"), JSON.stringify(REGISTRY));
}

/** YAML takes JSON. */
const REGISTRY = {
  version: "0.1",
  log: { level: "warn", accesslog: { disabled: true } },
  storage: { filesystem: { rootdirectory: "/run/suite/registry" } },
  http: {
    addr: "127.0.0.1:443",
    tls: { certificate: "/run/suite/server.pem", key: "/run/suite/server.key" },
  },
};

async function runInSandbox(
  folder: string,
  runtime: Runtime,
  { tests = [], without }: SuiteOptions,
): Promise<string> {
  const path = [clientSuiteBin, DIST, containerdBin("2.4.2"), ...imageToolBins, ...SYSTEM_PATH];
  const suite = [
    CLIENT_SUITE,
    "-test.root",
    "-no-criu",
    `-test.run=${tests.length > 0 ? `^(${tests.join("|")})$` : "^Test"}`,
    "-test.v=test2json",
  ];
  const sandbox = ["sh", join(import.meta.dir, "sandbox.sh"), folder, namespaceOf(folder)];
  const log = join(folder, "stderr");
  const child = Bun.spawn(
    ["setpriv", "--pdeathsig", "KILL", ...sandbox, ...suite, `-test.timeout=${SUITE_TIMEOUT}`],
    {
      env: {
        PATH: path.join(delimiter),
        TMPDIR: "/run/suite/tmp",
        HIDDEN: (without && Bun.which(without)) ?? "",
        TEST_RUNTIME: runtimeName(runtime),
        SSL_CERT_FILE: "/run/suite/authority.pem",
        OTEL_TRACES_EXPORTER: "none",
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: Bun.file(log),
    },
  );
  const output = await child.stdout.text();
  await child.exited;
  return `${output}\n${await readFile(log, "utf8")}`;
}
