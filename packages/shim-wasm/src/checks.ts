// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";
import type { Engine, WasmWorkload } from "./engine.ts";

/** The entry of a command module; wasi "applications". */
const DEFAULT_ENTRY = "_start";

/**
 * Refuses a core module that the engine cannot instantiate or enter, with the reason, before anything runs. Components
 * and text are the engine's to judge.
 *
 * @throws ShimError InvalidArgument.
 */
export function assertRunnable(engine: Engine, workload: WasmWorkload): void {
  if (workload.format.kind === "module") {
    const { imports, exports } = workload.format.interface;
    const lacking = imports.find(
      ({ module, name, kind }) => kind !== "func" || !engine.imports.get(module)?.has(name),
    );
    if (lacking !== undefined) {
      const { module, name, kind } = lacking;
      refuse(workload, `it imports ${kind} "${name}" from "${module}", which ${engine.name} does not have`);
    }
    const entry = workload.invoke ?? DEFAULT_ENTRY;
    if (!exports.some(({ name, kind }) => name === entry && kind === "func")) {
      const functions = exports.filter(({ kind }) => kind === "func").map(({ name }) => name);
      refuse(workload, `it exports no function "${entry}" (${listed(functions)})`);
    }
  }
  engine.canHandle?.(workload);
}

const MAX_LISTED = 8;

function listed(functions: readonly string[]): string {
  if (functions.length === 0) return "it exports none";
  const more = functions.length > MAX_LISTED ? `, and ${functions.length - MAX_LISTED} more` : "";
  return `exported: ${functions.slice(0, MAX_LISTED).join(", ")}${more}`;
}

function refuse(workload: WasmWorkload, reason: string): never {
  throw new ShimError("InvalidArgument", `cannot run "${workload.path}": ${reason}`);
}
