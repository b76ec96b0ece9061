// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Bundle } from "../bundle.ts";
import { ShimError } from "../error.ts";

/** Of CRIU's log, which tells everything it does; the error is at its end. */
const MAX_REASONS = 3;

/** The files of one call of CRIU: its configuration, and its log where nobody named a folder for it. */
export interface CriuFiles extends Disposable {
  readonly config: string;
  readonly workPath: string;
}

/** Writes CRIU's configuration into the bundle; the caller disposes. */
export function openCriuFiles(bundle: Bundle, config: string, workPath: string): CriuFiles {
  const folder = mkdtempSync(join(bundle.path, "criu-"));
  const path = join(folder, "criu.conf");
  writeFileSync(path, config, { mode: 0o600 });
  return {
    config: path,
    workPath: workPath === "" ? folder : workPath,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The OCI runtime's words with CRIU's own, of which it only names the file. */
export function withCriuReasons(error: unknown, logPath: string): unknown {
  if (!(error instanceof ShimError)) return error;
  const reasons = readReasons(logPath);
  if (reasons.length === 0) return error;
  return new ShimError(error.code, `${error.message}: ${reasons.join("; ")}`, { cause: error });
}

function readReasons(logPath: string): readonly string[] {
  let text;
  try {
    text = readFileSync(logPath, "utf8");
  } catch {
    return []; // CRIU did not come so far as to open it
  }
  // `(00.164200) Error (criu/files-reg.c:1790): Can't lookup mount=116`; a process that it starts tells no time.
  const errors = [...text.matchAll(/^(?:\(\d+\.\d+\)\s+)?(?:\d+: )?Error \([^)]*\): (.*)$/gm)];
  const reasons = errors.map(([, words = ""]) => words).filter((words) => !words.startsWith("rlimit:")); // said where it may not raise its limits, and harmless
  return [...new Set(reasons)].slice(-MAX_REASONS);
}
