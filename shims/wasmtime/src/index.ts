// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import {
  optionArguments,
  splitEnvironment,
  WASI_PREVIEW1,
  type Engine,
  type OptionValues,
  type Preopen,
  type WasmFormat,
  type WasmWorkload,
} from "@runwasi/containerd-shim-wasm";
import { options } from "./options.ts";
import { precompiler } from "./precompiler.ts";

const { SIGINT, SIGTERM } = constants.signals;

/** The container has a network of its own: a guest may use it where nobody has said otherwise. */
const OPEN_NETWORK = [
  ["inherit-network", true],
  ["ip-name-lookup", true],
] as const;

/** `wasmtime serve` ends gracefully on SIGINT only. */
const SERVE_SIGNALS: ReadonlyMap<number, number> = new Map([[SIGTERM, SIGINT]]);

/**
 * A request gets a fresh instance, whose memory is put back to what it was at first. Done by handing the pages back to the
 * kernel, as is the default, that costs more than the request; these have the pages that were written found
 * (PAGEMAP_SCAN, Linux 6.7) and overwritten. 1.6 times the requests: bench/results/http.md.
 */
const RESIDENT_POOL = [
  "-Opooling-memory-keep-resident=2097152",
  "-Opooling-table-keep-resident=65536",
  "-Opooling-pagemap-scan=auto",
];

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
  precompiler,
  command(workload) {
    const { inherited, byOption } = splitEnvironment(workload.env);
    const shared = [
      // The compilation cache wants a writable HOME, which a container need not have.
      "-Ccache=n",
      "-Sinherit-env=y",
      // Never for a guest's file: wasmtime executes what such a file holds.
      ...(workload.precompiled ? ["--allow-precompiled"] : []),
      ...optionArguments(options, withDefaults(workload)),
      ...byOption.map((entry) => `--env=${entry}`),
      ...directories(workload).map(({ containerPath, guestPath }) => `--dir=${containerPath}::${guestPath}`),
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

// Each instance opens them anew: a tenth of what a server does that never looks.
function directories({ preopens, format, entry }: WasmWorkload): readonly Preopen[] {
  return entry.kind === "http" && !importsFrom(format, "wasi:filesystem") ? [] : preopens;
}

function importsFrom(format: WasmFormat, packageName: string): boolean {
  return (
    format.kind === "component" &&
    format.interface.imports.some(({ name }) => name.startsWith(`${packageName}/`))
  );
}

function runArguments({ path, format, entry, args }: WasmWorkload): readonly string[] {
  const [argv0 = path, ...rest] = args;
  const isComponent = format.kind === "component";
  // A component's function is called with arguments in the text format of component values, and its result is printed.
  const call = (name: string) => (isComponent ? `${name}(${rest.join(", ")})` : name);
  return [
    ...(importsFrom(format, "wasi:http") ? ["-Shttp=y"] : []),
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
    ...(set.get("pooling") === false ? [] : RESIDENT_POOL),
    ...(reuse === undefined ? [] : [`--max-instance-reuse-count=${reuse}`]),
    path,
  ];
}
