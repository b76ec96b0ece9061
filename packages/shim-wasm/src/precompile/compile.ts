// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { runJob, type JobResult } from "@runwasi/containerd-shimkit";
import type { Closure } from "../closure/closure.ts";
import { bindReadOnly, mountEngine } from "../engine-mounts.ts";
import type { Command, CompileTask } from "../engine.ts";
import { CompileLimitError } from "./compile-limit.ts";
import type { CompileRequest } from "./compiled-module.ts";
import type { CompiledFile } from "./compiled-store.ts";

const OUTPUT_FOLDER = "/out";
/** wasmedge goes by the end of the name. */
const OUTPUT_NAME = "compiled.so";

/** Where a compilation finds everything: the same for every one, as the command that names it is part of the key. */
export const COMPILE_PATHS: Omit<CompileTask, "version"> = {
  module: "/dev/.runwasi/module.wasm",
  output: `${OUTPUT_FOLDER}/${OUTPUT_NAME}`,
  engineFolder: "/dev/.runwasi",
};

/** What a compilation is made of, besides the request for it. */
export interface Compilation {
  readonly command: Omit<Command, "signalMap">;
  /** A copy of the module that nobody else can write to. */
  readonly modulePath: string;
}

/**
 * Compiles a module in a sandbox and answers what `keep` makes of the result; undefined when the engine does not compile it,
 * which is logged with the engine's words.
 *
 * Both module and result are hostile: code that a module has slipped into the compiler could write anything into the output
 * folder. What is taken from there is one regular file, not through a link, within the limit of memory.
 *
 * @throws CompileLimitError naming the option that raises the limit, and ShimError where the sandbox cannot be made.
 */
export function compile<T>(
  request: CompileRequest,
  { command, modulePath }: Compilation,
  keep: (file: CompiledFile) => Promise<T>,
): Promise<T | undefined> {
  const { closure, config, host, spec } = request;
  const engine = engineInSandbox(closure);
  const job = {
    args: [...engine.argv, ...command.args],
    env: command.env,
    mounts: [...engine.mounts, bindReadOnly(modulePath, COMPILE_PATHS.module)],
    output: OUTPUT_FOLDER,
    memoryLimitBytes: config.precompile.memoryLimitBytes,
    timeoutMs: config.precompile.timeoutMs,
  };
  const owner = { request: request.request, host, cgroupsPath: spec.linux?.cgroupsPath };
  return runJob(job, owner, (result) => takeResult(request, result, keep));
}

function engineInSandbox(closure: Closure) {
  const fresh = { destination: "/dev", type: "tmpfs", source: "tmpfs" };
  return mountEngine({ ociVersion: "", mounts: [fresh] }, closure);
}

async function takeResult<T>(
  request: CompileRequest,
  { end, words, outputPath }: JobResult,
  keep: (file: CompiledFile) => Promise<T>,
): Promise<T | undefined> {
  const { engine, workload, config } = request;
  const { memoryLimitBytes, timeoutMs } = config.precompile;
  const refuse = (code: "ResourceExhausted" | "DeadlineExceeded", limit: string, option: string) => {
    const remedy = `option "precompile.${option}" raises the limit, "precompile.enabled" switches compiling off`;
    throw new CompileLimitError(
      code,
      `cannot compile "${workload.path}" for ${engine.name}: it takes more than ${limit} (${remedy})`,
    );
  };
  switch (end.kind) {
    case "out-of-memory":
      return refuse("ResourceExhausted", `${memoryLimitBytes} bytes of memory`, "memory-limit-bytes");
    case "timed-out":
      return refuse("DeadlineExceeded", `${timeoutMs} ms`, "timeout-ms");
    case "exited": {
      using file = end.status === 0 ? openResult(join(outputPath, OUTPUT_NAME), memoryLimitBytes) : undefined;
      if (file !== undefined) return await keep(file);
      const said = { exitStatus: end.status, words };
      request.request.log.warn(`${engine.name} does not compile "${workload.path}": it runs as it is`, said);
      return undefined;
    }
    default:
      return end satisfies never;
  }
}

function openResult(path: string, maxBytes: number): (CompiledFile & Disposable) | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined; // not there, or a link
  }
  const stats = fstatSync(fd);
  if (stats.isFile() && stats.size > 0 && stats.size <= maxBytes) {
    return {
      path: `/proc/self/fd/${fd}`,
      sizeBytes: stats.size,
      [Symbol.dispose]: () => closeSync(fd),
    };
  }
  closeSync(fd);
  return undefined;
}
