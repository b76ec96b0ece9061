// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";
import { exportsInterface, type ComponentInterface, type WasmInterface } from "@runwasi/wasm-binary";
import type { Engine, WasmWorkload } from "./engine.ts";

/** The entry of a command module; wasi "applications". */
const DEFAULT_ENTRY = "_start";

/**
 * Refuses what the engine cannot instantiate or enter, with the reason, before anything runs. What is in a text is the
 * engine's to judge.
 *
 * @throws ShimError InvalidArgument.
 */
export function assertRunnable(engine: Engine, workload: WasmWorkload): void {
  const { format } = workload;
  if (format.kind === "module") assertModule(engine, workload, format.interface);
  if (format.kind === "component") assertComponent(engine, workload, format.interface);
  if (format.kind === "text" && !engine.takesText)
    refuse(workload, `it is WebAssembly's text format, and ${engine.name} takes the binary one only`);
  engine.canHandle?.(workload);
}

function assertModule(engine: Engine, workload: WasmWorkload, { imports, exports }: WasmInterface): void {
  const has = (module: string, name: string) => {
    const functions = engine.imports.get(module);
    return functions === "all" || functions?.has(name) === true;
  };
  // A module of threads gets its memory from the engine: https://github.com/WebAssembly/wasi-threads
  const spawns = imports.some(
    ({ module, name }) => module === "wasi" && name === "thread-spawn" && has(module, name),
  );
  const lacking = imports.find(
    ({ module, name, kind }) => !(kind === "func" ? has(module, name) : kind === "memory" && spawns),
  );
  if (lacking !== undefined) {
    const { module, name, kind } = lacking;
    refuse(workload, `it imports ${kind} "${name}" from "${module}", which ${engine.name} does not have`);
  }
  const entry = workload.entry.kind === "function" ? workload.entry.name : DEFAULT_ENTRY;
  const functions = exports.filter(({ kind }) => kind === "func").map(({ name }) => name);
  if (!functions.includes(entry))
    refuse(workload, `it exports no function "${entry}" (${listed(functions)})`);
}

function assertComponent(engine: Engine, workload: WasmWorkload, component: ComponentInterface): void {
  const { componentPackages } = engine;
  if (componentPackages === undefined)
    refuse(workload, `it is a component, and ${engine.name} runs core modules only`);
  const lacking = component.imports.find(
    // A type that the world uses stands for no code.
    ({ name, kind }) =>
      kind !== "type" &&
      (kind !== "instance" || !componentPackages.some((known) => isOfPackage(name, known))),
  );
  if (lacking !== undefined)
    refuse(workload, `it imports ${lacking.kind} "${lacking.name}", which ${engine.name} does not have`);
  const names = component.exports.map(({ name }) => name);
  const { entry } = workload;
  if (entry.kind === "function") {
    const isFunction = component.exports.some(({ name, kind }) => name === entry.name && kind === "func");
    if (!isFunction) refuse(workload, `it exports no function "${entry.name}" (${listed(names)})`);
  } else if (entry.kind === "command" && !exportsInterface(component, "wasi:cli/run")) {
    refuse(workload, `it exports neither wasi:cli/run nor wasi:http/incoming-handler (${listed(names)})`);
  }
}

/** Whether `wasi:http/types@0.2.3` is of the package `wasi:http`, or `wasi:http@0.2`. */
function isOfPackage(name: string, known: string): boolean {
  const [, packageName, version = ""] = /^([^/@]+)(?:\/[^@]+)?(?:@(.*))?$/.exec(name) ?? [];
  const [knownName, knownVersion] = known.split("@");
  return (
    packageName === knownName && (knownVersion === undefined || `${version}.`.startsWith(`${knownVersion}.`))
  );
}

const MAX_LISTED = 8;

function listed(names: readonly string[]): string {
  if (names.length === 0) return "it exports none";
  const more = names.length > MAX_LISTED ? `, and ${names.length - MAX_LISTED} more` : "";
  return `exported: ${names.slice(0, MAX_LISTED).join(", ")}${more}`;
}

function refuse(workload: WasmWorkload, reason: string): never {
  throw new ShimError("InvalidArgument", `cannot run "${workload.path}": ${reason}`);
}
