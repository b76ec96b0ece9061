// SPDX-License-Identifier: Apache-2.0
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { messageOf, type InstanceHost, type InstanceRequest } from "@runwasi/containerd-shimkit";
import type { RuntimeSpec } from "@runwasi/oci";
import { hasCustomSection } from "@runwasi/wasm-binary";
import type { Closure } from "../closure/closure.ts";
import type { WasmConfig } from "../config.ts";
import type { Command, Engine, Precompiler, WasmWorkload } from "../engine.ts";
import { bootNotes } from "./boot-notes.ts";
import { closureDigests } from "./closure-digests.ts";
import { CompileLimitError } from "./compile-limit.ts";
import { compile, COMPILE_PATHS } from "./compile.ts";
import { compiledKey } from "./compiled-key.ts";
import type { CompiledKey, CompiledStore } from "./compiled-store.ts";
import { cpuFeatures } from "./cpu-features.ts";
import { fileDigest } from "./file-digest.ts";
import { imageFileIdentity } from "./file-identity.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { rememberedDigest } from "./remembered-digest.ts";

/** A larger file is run as it is: reading it would keep the daemon from its other containers. */
const MAX_MODULE_BYTES = 512 * 1024 * 1024;

/** A module as it lies on the host. */
interface ModuleFile {
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
  readonly config: WasmConfig;
  /** As containerd wrote it. */
  readonly spec: RuntimeSpec;
  readonly store: CompiledStore;
  readonly request: InstanceRequest;
  readonly host: InstanceHost;
}

/** What a request comes to when there is something to compile. */
interface Compilable {
  readonly precompiler: Precompiler;
  readonly command: Omit<Command, "signalMap">;
}

/**
 * The compiled form of a module, for this engine and CPU and these options: from the store, or made now, by one of all that
 * ask for it at the same time. A host path to bind-mount; undefined where the module has to be run as it is, because it is
 * small, the engine cannot compile it, or something of the cache's is wrong, which is logged.
 *
 * @throws CompileLimitError, ResourceExhausted or DeadlineExceeded, when compiling hits its limit of memory or time.
 */
export async function compiledModule(request: CompileRequest): Promise<string | undefined> {
  const compilable = whatToCompile(request);
  if (compilable === undefined) return undefined;
  try {
    return await findOrMake(request, compilable);
  } catch (error) {
    if (error instanceof CompileLimitError) throw error;
    request.request.log.warn(`"${request.workload.path}" runs as it is: ${messageOf(error)}`);
    return undefined;
  }
}

function whatToCompile({
  engine,
  version,
  workload,
  module,
  config,
}: CompileRequest): Compilable | undefined {
  const { precompiler } = engine;
  const { enabled, minimumModuleBytes } = config.precompile;
  if (precompiler === undefined || !enabled) return undefined;
  if (!precompiler.formats.some((format) => format === workload.format.kind)) return undefined;
  const { size } = statSync(module.path);
  if (size < minimumModuleBytes || size > MAX_MODULE_BYTES) return undefined;
  const command = precompiler.command(workload, { ...COMPILE_PATHS, version });
  return command === undefined ? undefined : { precompiler, command };
}

async function findOrMake(request: CompileRequest, compilable: Compilable): Promise<string | undefined> {
  const { engine, version, closure, module, store, host } = request;
  const digest = module.digest ?? moduleDigest(module.path, host);
  if (digest === undefined) return undefined;
  const key = compiledKey({
    module: digest,
    engine: engine.name,
    version,
    cpu: cpuFeatures(),
    closure: await closureDigests(closure, host),
    ...compilable.command,
  });
  const found = await store.find(key);
  if (found !== undefined) return found;
  const notes = bootNotes(digestsFolder(host.stateDir));
  const refused = `refused ${key.id}`;
  const isRefused = () => notes.read(refused) !== undefined;
  if (isRefused()) return undefined;
  return await oneAtATime(join(host.stateDir, `compiling-${key.id}`), async () => {
    const foundNow = await store.find(key); // by the one that was waited for
    if (foundNow !== undefined || isRefused()) return foundNow;
    const made = await make(request, compilable, key);
    if (made === undefined) notes.write(refused, "");
    return made;
  });
}

function moduleDigest(path: string, { stateDir }: InstanceHost): string | undefined {
  const digest = rememberedDigest(digestsFolder(stateDir), imageFileIdentity(path), () =>
    fileDigest(path, { maxBytes: MAX_MODULE_BYTES }),
  );
  return digest === undefined ? undefined : `sha256:${digest}`;
}

/** Where digests of files are remembered until the host is rebooted, and which modules an engine does not compile. */
export function digestsFolder(stateDir: string): string {
  return join(stateDir, "digests");
}

async function make(
  request: CompileRequest,
  { precompiler, command }: Compilable,
  key: CompiledKey,
): Promise<string | undefined> {
  // In the bundle, which containerd removes whatever happens here.
  const folder = mkdtempSync(join(request.request.bundle.path, "module-"));
  try {
    const modulePath = join(folder, "module.wasm");
    // Or whoever changes a file while it is read would have his own code kept under another module's digest.
    if (copyModule(request.module.path, modulePath) !== key.module)
      throw new Error("it has changed while it was read");
    if (hasNativeCode(modulePath, precompiler)) return undefined;
    const compilation = { command, modulePath };
    return await compile(request, compilation, (file) => request.store.keep(key, file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyModule(from: string, to: string): string {
  const fd = openSync(to, "wx", 0o444);
  try {
    return `sha256:${fileDigest(from, { copy: fd, maxBytes: MAX_MODULE_BYTES })}`;
  } finally {
    closeSync(fd);
  }
}

// What the engine would make of it is not known to have the code that it compiled.
function hasNativeCode(path: string, { nativeSections = [] }: Precompiler): boolean {
  const fd = openSync(path, "r");
  try {
    return hasCustomSection(fd, fstatSync(fd).size, nativeSections);
  } finally {
    closeSync(fd);
  }
}
