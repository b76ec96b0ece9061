// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { isObject } from "@runwasi/oci";
import type { OciRuntimeFailure } from "./error.ts";

/** A runtime's log is read from its end; its last error fits easily. */
const MAX_LOG_BYTES = 64 * 1024;

/** The last error that the runtime wrote with `--log-format json`; undefined when it wrote none. */
export function lastLoggedError(logPath: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(logPath, "utf8").slice(-MAX_LOG_BYTES);
  } catch {
    return undefined; // the runtime died before it opened its log
  }
  for (const line of text.trimEnd().split("\n").toReversed()) {
    const message = errorMessage(line);
    if (message !== undefined) return message;
  }
  return undefined;
}

function errorMessage(line: string): string | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined; // cut by MAX_LOG_BYTES, or a panic's stack between the entries
  }
  if (!isObject(entry) || entry["level"] !== "error") return undefined;
  return typeof entry["msg"] === "string" ? entry["msg"] : undefined;
}

/**
 * What kind of failure the runtime's words mean. Runtimes give one exit status for everything, so the text is all
 * there is; the phrases are those of crun 1.8 to 1.28 and runc 1.1 to 1.3.
 */
export function classifyFailure(message: string): OciRuntimeFailure {
  if (/container does not exist|does not exist$|error opening file .*status: No such file/i.test(message)) {
    return "no-such-container";
  }
  if (/process already finished|container not running|no such process/i.test(message)) return "not-running";
  return "failed";
}
