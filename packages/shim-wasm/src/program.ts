// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { ShimError } from "@runwasi/containerd-shimkit";
import type { RuntimeSpec } from "@runwasi/oci";
import {
  MalformedWasmError,
  readComponentInterface,
  detectFormat,
  HEADER_BYTES,
  readWasmInterface,
} from "@runwasi/wasm-binary";
import type { ContainerFile, ContainerFiles } from "./rootfs/container-file.ts";
import type { WasmFormat } from "./engine.ts";

/**
 * What `process.args[0]` of a container names.
 *
 * - `native`: the kernel executes it.
 * - `wasm`: an engine runs it.
 * - `missing`: no file that can be seen before the container runs.
 * - `unknown`: a file that is neither native nor WebAssembly.
 *
 * The OCI runtime gets the last two as they are; `doubt` explains when it fails.
 */
export type Program =
  | { readonly kind: "native" }
  | WasmProgram
  | { readonly kind: "missing"; readonly doubt: string }
  | { readonly kind: "unknown"; readonly doubt: string };

/** WebAssembly, in a file of the container or in a layer of its image. */
export interface WasmProgram {
  readonly kind: "wasm";
  /** In the container. */
  readonly path: string;
  /** The function of `path#function`. */
  readonly invoke: string | undefined;
  readonly format: WasmFormat;
  /** Set for a layer, which is to be mounted at `path`. */
  readonly blob?: ImageBlob;
}

/** A blob of the image's as it lies on the host, checked against its digest. */
export interface ImageBlob {
  readonly path: string;
  /** `sha256:…` */
  readonly digest: string;
  /** Whether it is a copy of the shim's, because containerd's own file is not on this host or not for every user. */
  readonly isCopy: boolean;
}

const MISSING: Program = { kind: "missing", doubt: "there is no such file in the container" };

/** Where OCI runtimes look for a bare name when the container's environment has no PATH. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Finds the program of a container and what it is.
 *
 * @throws ShimError InvalidArgument for WebAssembly that is truncated or malformed.
 */
export function findProgram(spec: RuntimeSpec, files: ContainerFiles): Program {
  const name = spec.process?.args?.[0] ?? "";
  const whole = lookUp(name, spec, files);
  if (whole !== undefined) {
    using file = whole;
    return inspect(file, undefined);
  }
  const hash = name.lastIndexOf("#");
  const named = hash > 0 ? lookUp(name.slice(0, hash), spec, files) : undefined;
  if (named === undefined) return MISSING;
  using file = named;
  const program = inspect(file, name.slice(hash + 1));
  return program.kind === "wasm" ? program : MISSING;
}

function lookUp(name: string, { process }: RuntimeSpec, files: ContainerFiles): ContainerFile | undefined {
  if (name === "") return undefined;
  if (name.includes("/")) return files.open(absolute(name, process?.cwd));
  const path =
    process?.env?.findLast((entry) => entry.startsWith("PATH="))?.slice("PATH=".length) ?? DEFAULT_PATH;
  for (const folder of path.split(":")) {
    const file = folder === "" ? undefined : files.open(absolute(join(folder, name), process?.cwd));
    if (file?.stats.isFile()) return file;
    file?.[Symbol.dispose]();
  }
  return undefined;
}

// Not normalised: `..` after a symlink is the parent of its target, which only the walk knows.
function absolute(path: string, cwd = "/"): string {
  return path.startsWith("/") ? path : `${cwd}/${path}`;
}

function inspect(file: ContainerFile, invoke: string | undefined): Program {
  if (!file.stats.isFile()) {
    const what = file.stats.isDirectory() ? "a directory" : "not a regular file";
    return { kind: "unknown", doubt: `"${file.path}" is ${what}` };
  }
  const fd = openSync(file.descriptorPath, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return inspectFile(fd, { path: file.path, sizeBytes: file.stats.size }, invoke);
  } finally {
    closeSync(fd);
  }
}

/**
 * What an open file is, by its content.
 *
 * @param file its path in the container, for errors
 * @param invoke the function that is asked for
 * @throws ShimError InvalidArgument for WebAssembly that is truncated or malformed.
 */
export function inspectFile(
  fd: number,
  { path, sizeBytes }: { readonly path: string; readonly sizeBytes: number },
  invoke: string | undefined,
): Program {
  const buffer = new Uint8Array(HEADER_BYTES);
  const header = buffer.subarray(0, readSync(fd, buffer, 0, HEADER_BYTES, 0));
  const format = detectFormat(header);
  try {
    switch (format) {
      case "native":
        return { kind: "native" };
      case "module":
        return {
          kind: "wasm",
          path,
          invoke,
          format: { kind: "module", interface: readWasmInterface(fd, sizeBytes) },
        };
      case "component":
        return {
          kind: "wasm",
          path,
          invoke,
          format: { kind: "component", interface: readComponentInterface(fd, sizeBytes) },
        };
      case "text":
        return { kind: "wasm", path, invoke, format: { kind: "text" } };
      case "truncated":
        throw new MalformedWasmError(`the file is truncated (${sizeBytes} bytes)`);
      case "unknown":
        return { kind: "unknown", doubt: describeUnknown(path, header) };
      default:
        return format satisfies never;
    }
  } catch (error) {
    if (!(error instanceof MalformedWasmError)) throw error;
    throw new ShimError("InvalidArgument", `cannot run "${path}": ${error.message}`, { cause: error });
  }
}

/** How many of a file's bytes an error shows. */
const SHOWN_BYTES = 8;

function describeUnknown(path: string, header: Uint8Array): string {
  const bytes = header
    .subarray(0, SHOWN_BYTES)
    .toHex()
    .replace(/..(?=.)/g, "$& ");
  const found = header.length === 0 ? "it is empty" : `it begins with the bytes ${bytes}`;
  return `"${path}" is neither ELF, script with #! nor WebAssembly: ${found}`;
}
