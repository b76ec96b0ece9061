// SPDX-License-Identifier: Apache-2.0
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { isObject } from "@runwasi/oci";
import type { OciRuntimeFailure } from "./error.ts";

/** A runtime's log is read from its end; its last error fits easily. */
const MAX_LOG_BYTES = 64 * 1024;

/** The size of a log, which runtimes append to; 0 before there is one. */
export function logSize(logPath: string): number {
  return statSync(logPath, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * The last error that the runtime wrote with `--log-format json`; undefined when it wrote none.
 *
 * @param from the log's size before the call, so that an earlier call's error is not taken for this one's
 */
export function lastLoggedError(logPath: string, from = 0): string | undefined {
  const text = readEnd(logPath, from);
  for (const line of text.trimEnd().split("\n").toReversed()) {
    const message = errorMessage(line);
    if (message !== undefined) return message;
  }
  return undefined;
}

function readEnd(logPath: string, from: number): string {
  let fd: number;
  try {
    fd = openSync(logPath, "r");
  } catch {
    return ""; // the runtime died before it opened its log, or containerd has removed the bundle
  }
  try {
    const start = Math.max(from, fstatSync(fd).size - MAX_LOG_BYTES);
    const bytes = new Uint8Array(MAX_LOG_BYTES);
    return new TextDecoder().decode(bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, start)));
  } finally {
    closeSync(fd);
  }
}

function errorMessage(line: string): string | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined; // cut by MAX_LOG_BYTES, or a panic's stack between the entries
  }
  if (!isObject(entry)) return undefined;
  const { level, msg, message } = entry;
  if (level === "error" && typeof msg === "string") return msg;
  return level === "ERROR" && typeof message === "string" ? withoutBacktrace(message) : undefined;
}

// youki's: `error in executing command: container one does not exist.\n\nStack backtrace: …`
function withoutBacktrace(message: string): string {
  return message.replace(/^error in executing command: /, "").replace(/\s*\n\s*Stack backtrace:.*$/s, "");
}

/**
 * What kind of failure the runtime's words mean. Runtimes give one exit status for everything, so the text is all
 * there is; the phrases are those of crun 1.8 to 1.28, runc 1.1 to 1.3 and youki 0.7.
 */
export function classifyFailure(message: string): OciRuntimeFailure {
  if (
    /container does not exist|does not exist\.?$|error opening file .*status`: No such file/i.test(message)
  ) {
    return "no-such-container";
  }
  if (/process already finished|container (?:`[^`]*` is )?not running|no such process/i.test(message)) {
    return "not-running";
  }
  return "failed";
}
