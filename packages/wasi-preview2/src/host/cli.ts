// SPDX-License-Identifier: Apache-2.0
import type { HostInterface } from "../link/host-interface.ts";
import { hostFunction, hostResource } from "./host-function.ts";
import { INPUT_STREAM, OUTPUT_STREAM } from "./io.ts";
import type { Kernel } from "@runwasi/wasi/system";
import type { Result } from "./result.ts";
import { openOutput, openStdin } from "./stdio.ts";

/** Thrown through a guest that ends itself. */
export class GuestExit extends Error {
  override readonly name = "GuestExit";
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`exit ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** What `wasi:cli` tells a guest about itself. */
export interface CliOptions {
  readonly args: readonly string[];
  /** `NAME=value` each. */
  readonly env: readonly string[];
  readonly stdio: readonly [stdin: number, stdout: number, stderr: number];
  readonly kernel: () => Kernel;
}

const TERMINAL_INPUT = hostResource("terminal-input");
const TERMINAL_OUTPUT = hostResource("terminal-output");

class Terminal {}

/** `wasi:cli`. */
export function cliInterfaces({
  args,
  env,
  stdio,
  kernel,
}: CliOptions): Readonly<Record<string, HostInterface>> {
  const [stdin, stdout, stderr] = stdio;
  return {
    "wasi:cli/environment": functions({
      "get-arguments": () => args,
      "get-environment": () => env.map(splitVariable),
      "initial-cwd": () => undefined,
    }),
    "wasi:cli/exit": functions({
      exit(status: Result<undefined, undefined>) {
        throw new GuestExit(status.tag === "ok" ? 0 : 1);
      },
      "exit-with-code"(code: number) {
        throw new GuestExit(code);
      },
    }),
    "wasi:cli/stdin": functions(
      { "get-stdin": () => openStdin(stdin, kernel) },
      { "input-stream": INPUT_STREAM },
    ),
    "wasi:cli/stdout": functions(
      { "get-stdout": () => openOutput(stdout, kernel) },
      { "output-stream": OUTPUT_STREAM },
    ),
    "wasi:cli/stderr": functions(
      { "get-stderr": () => openOutput(stderr, kernel) },
      { "output-stream": OUTPUT_STREAM },
    ),
    ...terminalInterfaces(stdio, kernel),
  };
}

function terminalInterfaces(
  [stdin, stdout, stderr]: CliOptions["stdio"],
  kernel: () => Kernel,
): Readonly<Record<string, HostInterface>> {
  const terminal = (hostFd: number) => (): Terminal | undefined =>
    kernel().isTerminal(hostFd) ? new Terminal() : undefined;
  const input = { "terminal-input": TERMINAL_INPUT };
  const output = { "terminal-output": TERMINAL_OUTPUT };
  return {
    "wasi:cli/terminal-input": functions({}, input),
    "wasi:cli/terminal-output": functions({}, output),
    "wasi:cli/terminal-stdin": functions({ "get-terminal-stdin": terminal(stdin) }, input),
    "wasi:cli/terminal-stdout": functions({ "get-terminal-stdout": terminal(stdout) }, output),
    "wasi:cli/terminal-stderr": functions({ "get-terminal-stderr": terminal(stderr) }, output),
  };
}

/** An interface of functions that never wait. */
export function functions(
  bodies: Readonly<Record<string, (...args: never[]) => unknown>>,
  resources: HostInterface["resources"] = {},
): HostInterface {
  const entries = Object.entries(bodies).map(([name, body]) => [name, hostFunction(body)] as const);
  return { resources, functions: Object.fromEntries(entries) };
}

function splitVariable(variable: string): readonly [name: string, value: string] {
  const at = variable.indexOf("=");
  return at === -1 ? [variable, ""] : [variable.slice(0, at), variable.slice(at + 1)];
}
