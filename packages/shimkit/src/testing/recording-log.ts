// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "../log/logger.ts";

/** A logger that keeps what it is told, as `level: message`. */
export interface RecordingLog extends Logger {
  readonly lines: readonly string[];
}

export function createRecordingLog(): RecordingLog {
  const lines: string[] = [];
  return {
    lines,
    debug: (message) => void lines.push(`debug: ${message}`),
    info: (message) => void lines.push(`info: ${message}`),
    warn: (message) => void lines.push(`warn: ${message}`),
    error: (message) => void lines.push(`error: ${message}`),
  };
}
