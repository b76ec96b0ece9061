// SPDX-License-Identifier: Apache-2.0
import type { WasmInterface } from "./wasm-interface.ts";

/** A directory that the guest may open, under the same path as in the container. */
export interface Preopen {
  /** Absolute path inside the container. */
  readonly containerPath: string;
  /** The name that the guest sees: the same path, or `.` for its working directory. */
  readonly guestPath: string;
}

/** A WebAssembly program in a container, as an engine is asked to run it. */
export interface WasmWorkload {
  /** Absolute path of the file inside the container. */
  readonly path: string;
  readonly format: WasmFormat;
  /** The function that `path#function` names; undefined for the default entry. */
  readonly invoke: string | undefined;
  /** The guest's arguments, its own name first, as the image and the pod say. */
  readonly args: readonly string[];
  /** The guest's environment: `NAME=value`, in order, duplicates kept. Hostile, and often secret. */
  readonly env: readonly string[];
  readonly preopens: readonly Preopen[];
}

/** A core module with what it imports and exports, a component, or either as text. */
export type WasmFormat =
  | { readonly kind: "module"; readonly interface: WasmInterface }
  | { readonly kind: "component" }
  | { readonly kind: "text" };

/** What runs as the container's init. */
export interface Command {
  /** Arguments after the executable. What comes from the guest must not be taken for an option. */
  readonly args: readonly string[];
  /** The process's environment; nothing in it may steer the engine or the loader. */
  readonly env: readonly string[];
}

/** Where an engine's executable comes from. */
export type EngineExecutable =
  /** Found on containerd's PATH under this name, or named by the runtime option `<engine>.path`. */
  | { readonly kind: "installed"; readonly name: string }
  /** This shim's own executable; `args` begin with RUN_GUEST. */
  | { readonly kind: "embedded" };

/**
 * A WebAssembly runtime: all that most shim authors write.
 *
 * The library finds the workload, checks it, and builds the container around the engine's executable; the engine says
 * how it is called.
 */
export interface Engine {
  /** Lower-case; names the shim (`io.containerd.<name>.v1`) and the engine's table in the runtime options. */
  readonly name: string;
  readonly executable: EngineExecutable;
  /**
   * Import modules of core modules that this engine provides, with the functions of each.
   * The library refuses what imports anything else, naming it.
   */
  readonly imports: ReadonlyMap<string, ReadonlySet<string>>;
  /** Refuses a workload by throwing ShimError with the exact reason. Not called for what `imports` rules out. */
  canHandle?(workload: WasmWorkload): void;
  /** Signals to deliver as others: an engine that ends gracefully on SIGINT only maps SIGTERM to it. */
  readonly signalMap?: ReadonlyMap<number, number>;
  command(workload: WasmWorkload): Command;
}
