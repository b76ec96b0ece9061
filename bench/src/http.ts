// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { BASE_FOLDERS, importImages, startContainerd, type ContainerdVersion } from "@runwasi/e2e";
import { testModule } from "@runwasi/test-modules";
import { ensureDebianPackages } from "../../scripts/toolchain/debian.ts";
import { HTTP_URL, serveByHand, serveByShim, type HttpServer } from "./http-server.ts";
import { summarize } from "./samples.ts";
import { table } from "./table.ts";
import { runWrk, type Throughput } from "./wrk.ts";

const IMAGE = "http-hello";
const FILE = "component-http-hello.wasm";
const CONNECTIONS = [8, 64] as const;
/** Each with servers of its own, for one process is faster than the next. */
const ROUNDS = 5;
/** As short as wrk takes them and in alternation: what else the machine does slows both. */
const TURNS = 6;
const TURN_SECONDS = 1;
const SETTINGS = [
  { name: "a fresh instance for each request", options: "" },
  { name: "`http-instance-reuse = 1000000`", options: "[wasmtime]\nhttp-instance-reuse = 1000000\n" },
] as const;

/** What two turns measured, one after the other, of one setting and one number of connections. */
interface Pair {
  readonly setting: string;
  readonly connections: number;
  readonly shim: Throughput;
  readonly byHand: Throughput;
}

/** Fresh instances under wasmtime's own settings, started by hand: requests a second by connections. */
type Stock = ReadonlyMap<number, number[]>;

/** Requests that wasmtime answers through its shim and started by hand with the same settings, in alternation. */
export async function benchHttp(version: ContainerdVersion): Promise<string> {
  await ensureDebianPackages(["wrk"]);
  await using containerd = await startContainerd({ version });
  const folder = await mkdtemp(join(tmpdir(), "rwb-"));
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const component = join(folder, FILE);
  const content = await testModule("component-http-hello");
  await writeFile(component, content);
  const layers = [[...BASE_FOLDERS, { kind: "file" as const, path: FILE, content }]];
  await importImages(containerd, [{ name: IMAGE, process: { entrypoint: [`/${FILE}`] }, layers }]);
  const load = loadavg()[0]?.toFixed(1);
  const pairs: Pair[] = [];
  const stock: Stock = new Map(CONNECTIONS.map((connections) => [connections, []]));
  const commands = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const setting of SETTINGS) {
      await using shim = await serveByShim(containerd, IMAGE, setting.options);
      await using byHand = await serveByHand(shim, component);
      commands.add(shim.settings.join(" "));
      pairs.push(...(await measurePairs(setting.name, { shim, byHand })));
      if (setting !== SETTINGS[0]) continue;
      const settings = shim.settings.filter((argument) => !argument.startsWith("-Opooling"));
      await using own = await serveByHand({ ...shim, settings }, component);
      await measureStock(own, stock);
    }
  }
  return `Load average before: ${load}.\n\n${report(pairs, stock)}\n${[...commands].map((command) => `- \`wasmtime ${command}\`\n`).join("")}`;
}

async function measurePairs(
  setting: string,
  servers: { readonly shim: HttpServer; readonly byHand: HttpServer },
): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  for (const connections of CONNECTIONS) {
    const measure = ({ enter }: HttpServer) =>
      runWrk({ url: HTTP_URL, connections, seconds: TURN_SECONDS }, enter);
    await measure(servers.shim); // both become warm
    await measure(servers.byHand);
    for (let turn = 0; turn < TURNS; turn += 1) {
      // The first of each pair is now this one, now the other.
      const earlier = turn % 2 === 0 ? await measure(servers.shim) : undefined;
      const byHand = await measure(servers.byHand);
      pairs.push({ setting, connections, shim: earlier ?? (await measure(servers.shim)), byHand });
    }
  }
  return pairs;
}

async function measureStock({ enter }: HttpServer, stock: Stock): Promise<void> {
  for (const [connections, figures] of stock) {
    const measure = () => runWrk({ url: HTTP_URL, connections, seconds: TURN_SECONDS }, enter);
    await measure(); // it becomes warm
    for (let turn = 0; turn < TURNS; turn += 1) figures.push((await measure()).requestsPerSecond);
  }
}

function report(pairs: readonly Pair[], stock: Stock): string {
  const rows = SETTINGS.flatMap(({ name }) =>
    CONNECTIONS.map((connections) => {
      const median = (figure: (pair: Pair) => number, setting: string = name) =>
        summarize(
          pairs
            .filter((pair) => pair.setting === setting && pair.connections === connections)
            .map((pair) => figure(pair)),
        ).median;
      const shimRate = ({ shim }: Pair) => shim.requestsPerSecond;
      return [
        `${name}, ${connections} connections`,
        median(shimRate).toFixed(0),
        median(({ byHand }) => byHand.requestsPerSecond).toFixed(0),
        median(({ shim, byHand }) => shim.requestsPerSecond / byHand.requestsPerSecond).toFixed(3),
        median(({ shim }) => shim.p99Ms),
        median(({ byHand }) => byHand.p99Ms),
        (median(shimRate) / median(shimRate, SETTINGS[0].name)).toFixed(2),
        (median(shimRate) / summarize(stock.get(connections) ?? []).median).toFixed(2),
      ];
    }),
  );
  return table(
    [
      "requests/s",
      "shim",
      "by hand",
      "ratio, median of the turns",
      "p99 ms, shim",
      "by hand",
      "times the shim's fresh",
      "times fresh ones under wasmtime's own pool settings, by hand",
    ],
    rows,
  );
}
