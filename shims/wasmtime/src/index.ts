// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import {
  optionArguments,
  splitEnvironment,
  WASI_PREVIEW1,
  type Engine,
  type OptionValues,
  type WasmWorkload,
} from "@runwasi/containerd-shim-wasm";
import { options } from "./options.ts";

const { SIGINT, SIGTERM } = constants.signals;

/** The container has a network of its own: a guest may use it where nobody has said otherwise. */
const OPEN_NETWORK = [
  ["inherit-network", true],
  ["ip-name-lookup", true],
] as const;

/** `wasmtime serve` ends gracefully on SIGINT only. */
const SERVE_SIGNALS: ReadonlyMap<number, number> = new Map([[SIGTERM, SIGINT]]);

/**
 * The `wasmtime` executable.
 * @see https://docs.wasmtime.dev/cli-options.html
 */
export const wasmtime: Engine = {
  name: "wasmtime",
  executable: { kind: "installed", name: "wasmtime", minimumVersion: "48.0.0" },
  imports: WASI_PREVIEW1,
  componentPackages: [
    "wasi:cli",
    "wasi:clocks",
    "wasi:filesystem",
    "wasi:http",
    "wasi:io",
    "wasi:random",
    "wasi:sockets",
  ],
  takesText: true,
  options,
  command(workload) {
    const { inherited, byOption } = splitEnvironment(workload.env);
    const shared = [
      // The compilation cache wants a writable HOME, which a container need not have.
      "-Ccache=n",
      "-Sinherit-env=y",
      ...optionArguments(options, withDefaults(workload)),
      ...byOption.map((entry) => `--env=${entry}`),
      ...workload.preopens.map(({ containerPath, guestPath }) => `--dir=${containerPath}::${guestPath}`),
    ];
    return workload.entry.kind === "http"
      ? {
          args: ["serve", ...shared, ...serveArguments(workload, workload.entry.address)],
          env: inherited,
          signalMap: SERVE_SIGNALS,
        }
      : { args: ["run", ...shared, ...runArguments(workload)], env: inherited };
  },
};

function withDefaults({ options: set, format }: WasmWorkload): OptionValues {
  return format.kind === "module" ? set : new Map([...OPEN_NETWORK, ...set]);
}

function runArguments({ path, format, entry, args }: WasmWorkload): readonly string[] {
  const [argv0 = path, ...rest] = args;
  const isComponent = format.kind === "component";
  const usesHttp = isComponent && format.interface.imports.some(({ name }) => name.startsWith("wasi:http/"));
  // A component's function is called with arguments in the text format of component values, and its result is printed.
  const call = (name: string) => (isComponent ? `${name}(${rest.join(", ")})` : name);
  return [
    ...(usesHttp ? ["-Shttp=y"] : []),
    ...(entry.kind === "function" ? [`--invoke=${call(entry.name)}`] : []),
    `--argv0=${argv0}`,
    path,
    ...(isComponent && entry.kind === "function" ? [] : rest),
  ];
}

function serveArguments({ path, options: set }: WasmWorkload, address: string): readonly string[] {
  const reuse = set.get("http-instance-reuse");
  return [
    "-Scli=y",
    `--addr=${address}`,
    "--no-logging-prefix",
    ...(reuse === undefined ? [] : [`--max-instance-reuse-count=${reuse}`]),
    path,
  ];
}
