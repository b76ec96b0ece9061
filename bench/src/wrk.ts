// SPDX-License-Identifier: Apache-2.0
import { runCommand } from "../../e2e/src/harness/command.ts";

/** One load by wrk. */
export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface Throughput {
  readonly requestsPerSecond: number;
  /** 99 of 100 requests were answered within. */
  readonly p99Ms: number;
}

const MS: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1e3, m: 6e4 };

/** Loads a server from one thread, by a command that `enter` makes; throws when a request failed. */
export async function runWrk(
  { url, connections, seconds }: Load,
  enter: (argv: readonly string[]) => string[],
): Promise<Throughput> {
  const load = ["--threads", "1", "--connections", `${connections}`, "--duration", `${seconds}s`];
  const argv = enter(["wrk", ...load, "--latency", url]);
  const { stdout, stderr, exitCode } = await runCommand(argv, { timeoutMs: (seconds + 10) * 1_000 });
  if (exitCode !== 0) throw new Error(`cannot load "${url}": ${stderr}`);
  return parseReport(stdout);
}

function parseReport(report: string): Throughput {
  const failure = /Socket errors: .*|Non-2xx .*/.exec(report)?.[0];
  if (failure !== undefined) throw new Error(`cannot measure, requests failed: ${failure}`);
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(report)?.[1];
  const [, p99, unit] = /99%\s+([\d.]+)(\w+)/.exec(report) ?? [];
  const requestsPerSecond = Number(rate);
  const p99Ms = Number(p99) * (MS[unit ?? ""] ?? Number.NaN);
  if (!(requestsPerSecond > 0 && p99Ms > 0)) throw new Error(`cannot read the report of wrk:\n${report}`);
  return { requestsPerSecond, p99Ms };
}
