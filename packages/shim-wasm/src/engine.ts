// SPDX-License-Identifier: Apache-2.0
import type { ComponentInterface, WasmInterface } from "@runwasi/wasm-binary";
import type { EngineOptions, OptionValues } from "./engine-options.ts";

/** A directory that the guest may open, under the same path as in the container. */
export interface Preopen {
  /** Absolute path inside the container. */
  readonly containerPath: string;
  /** The name that the guest sees: the same path, or `.` for its working directory. */
  readonly guestPath: string;
}

/**
 * What of a program is run.
 *
 * - `command`: its main function: `_start`, or `wasi:cli/run` of a component.
 * - `function`: the one that `path#function` names.
 * - `http`: a component's `wasi:http/incoming-handler`, served at `address` (`host:port`) of the container.
 */
export type Entry =
  | { readonly kind: "command" }
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "http"; readonly address: string };

/** A program as it runs inside a container: what an engine's own process is told. */
export interface Guest {
  /** Absolute path of the file inside the container. */
  readonly path: string;
  readonly entry: Entry;
  /** The guest's arguments, its own name first, as the image and the pod say. */
  readonly args: readonly string[];
  /** The guest's environment: `NAME=value`, in order, duplicates kept. Hostile, and often secret. */
  readonly env: readonly string[];
  readonly preopens: readonly Preopen[];
  /** What the node's configuration and the pod's annotations set, of the engine's `options`. */
  readonly options: OptionValues;
}

/** A WebAssembly program in a container, as an engine is asked to run it. */
export interface WasmWorkload extends Guest {
  readonly format: WasmFormat;
  /**
   * Set when `path` is what the engine's own `precompiler` made of the guest's file. Nothing else may be loaded as native
   * code: `command` has to see to it that a guest's file never is.
   */
  readonly precompiled?: boolean;
}

/** A core module or a component with what it imports and exports, or either as text. */
export type WasmFormat =
  | { readonly kind: "module"; readonly interface: WasmInterface }
  | { readonly kind: "component"; readonly interface: ComponentInterface }
  | { readonly kind: "text" };

/** What runs as the container's init. */
export interface Command {
  /** Arguments after the executable. What comes from the guest must not be taken for an option. */
  readonly args: readonly string[];
  /** The process's environment; nothing in it may steer the engine or the loader. */
  readonly env: readonly string[];
  /** Signals to deliver as others: an engine that ends gracefully on SIGINT only maps SIGTERM to it. */
  readonly signalMap?: ReadonlyMap<number, number>;
  /** Stack of the engine's main thread, where the container sets no RLIMIT_STACK itself: for one that touches all of it. */
  readonly stackBytes?: number;
}

/** A compilation, as the engine that is to do it sees it: absolute paths in its sandbox. */
export interface CompileTask {
  /** The guest's file, read-only. */
  readonly module: string;
  /** Where the compiled file goes. Its folder can be written to. */
  readonly output: string;
  /** As `command` has it. */
  readonly engineFolder: string;
  /** The engine's version, three numbers. */
  readonly version: string;
}

/**
 * How an engine's executable compiles a file ahead of time, for `command` to run the result. It works in a sandbox without
 * network, and what it makes is kept under a key in which the whole of this command is, so whatever of the workload has
 * to do with compilation must be in it, and nothing else should.
 */
export interface Precompiler {
  readonly formats: readonly ("module" | "component")[];
  /** Custom sections from which the engine would load native code: a file that has one is not compiled, but run as it is. */
  readonly nativeSections?: readonly string[];
  /** Undefined when what it would make could not be run with the workload's options, or by this version. */
  command(workload: WasmWorkload, task: CompileTask): Omit<Command, "signalMap"> | undefined;
}

/** Where an engine's executable comes from. */
export type EngineExecutable =
  /**
   * Found on containerd's PATH under this name, or named by the option `<engine>.path`. What it prints with `--version`
   * has a version of three numbers in its first line, at least `minimumVersion`.
   */
  | {
      readonly kind: "installed";
      readonly name: string;
      readonly minimumVersion: string;
      /** Variables (`NAME=value`) without which it does not even tell its version; it has no others then. */
      readonly versionEnvironment?: readonly string[];
    }
  /** This shim's own executable, in which `run` is called inside the container; see `inProcess`. */
  | { readonly kind: "embedded"; readonly run: RunGuest };

/** Import modules of core modules, with the functions of each; `all` where there are too many to list. */
export type EngineImports = ReadonlyMap<string, ReadonlySet<string> | "all">;

/** Runs a guest and answers the exit code of the container, 0 to 255. What it throws ends the container with 1. */
export type RunGuest = (guest: Guest) => number | Promise<number>;

/**
 * A WebAssembly runtime: all that most shim authors write.
 *
 * The library finds the workload, checks it, and builds the container around the engine's executable; the engine says
 * how it is called.
 */
export interface Engine {
  /** Lower-case; names the shim (`io.containerd.<name>.v1`) and the engine's table in the node's configuration. */
  readonly name: string;
  readonly executable: EngineExecutable;
  /**
   * What this engine provides for core modules to import. The library refuses what imports anything else, naming it.
   */
  readonly imports: EngineImports;
  /**
   * Packages whose interfaces the engine has for components, `wasi:cli` or with the beginning of a version
   * `wasi:cli@0.2`. Absent: the engine runs no components.
   */
  readonly componentPackages?: readonly string[];
  /** Media types of image layers that the engine runs; absent: those that are WebAssembly by their specifications. */
  readonly supportedLayerTypes?: readonly string[];
  /** Whether the engine takes WebAssembly's text format, too. */
  readonly takesText?: boolean;
  /**
   * For an engine that cannot preopen `/`: it gets the folders that lie there instead, but for /dev, /proc and /sys, and
   * none for the working directory.
   */
  readonly preopensRootFolders?: boolean;
  /** Options that the node's configuration may set, and pods where that allows it. */
  readonly options?: EngineOptions;
  /** Absent: the engine compiles when a container starts, or interprets. */
  readonly precompiler?: Precompiler;
  /** Refuses a workload by throwing ShimError with the exact reason. Not called for what the above rules out. */
  canHandle?(workload: WasmWorkload): void;
  /**
   * @param engineFolder a folder in the container that holds nothing but the engine's own files: the image has no hand in
   * it, so it serves an engine that wants a folder for its settings
   */
  command(workload: WasmWorkload, engineFolder: string): Command;
}
