// SPDX-License-Identifier: Apache-2.0
import type { InstanceHost, InstanceRequest } from "@runwasi/containerd-shimkit";
import type { Closure } from "../closure/closure.ts";
import type { Engine, WasmWorkload } from "../engine.ts";
import type { CompiledStore } from "./compiled-store.ts";

/** A module as it lies on the host. */
export interface ModuleFile {
  /** Opens it for reading; an image or a volume may hold it, so it may be hostile and change meanwhile. */
  readonly path: string;
  /**
   * `sha256:…`, where it is known without reading the file and the file cannot be another: a verified blob of the content
   * store.
   */
  readonly digest?: string;
}

/** What may be compiled ahead of time. */
export interface CompileRequest {
  readonly engine: Engine;
  /** As the container will run it if it is not compiled. */
  readonly workload: WasmWorkload;
  readonly module: ModuleFile;
  readonly closure: Closure;
  /** The engine's version, as it says. */
  readonly version: string;
  readonly store: CompiledStore;
  readonly request: InstanceRequest;
  readonly host: InstanceHost;
}

/**
 * The compiled form of a module, for this engine and CPU and these options: from the store, or made now, by one of all that
 * ask for it at the same time. A host path to bind-mount; undefined where the module has to be run as it is, because it is
 * small, the engine cannot compile it, or something of the cache's is wrong, which is logged.
 *
 * @throws ShimError ResourceExhausted or DeadlineExceeded when compiling hits its limit of memory or time.
 */
export function compiledModule(request: CompileRequest): Promise<string | undefined> {
  void request;
  return Promise.resolve(undefined);
}
