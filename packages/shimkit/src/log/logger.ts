// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { formatLogLine, type LogFields } from "./logfmt.ts";

const LEVELS = { debug: 0, info: 1, warn: 2, error: 3 } as const;
export type LogLevel = keyof typeof LEVELS;

/** pipe(7), PIPE_BUF: a longer write may be cut, and the next line would go on in the middle of this one. */
const MAX_LINE_BYTES = 4096;
/** What is left of the message of a longer line; at most six bytes each. */
const SHORTENED_LENGTH = 500;

/** Where a shim's log lines go. Writing never throws and never blocks. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A logger that holds a file open. */
export interface OpenLogger extends Logger, Disposable {}

/**
 * Opens the `log` FIFO that containerd made in a bundle and reads into its own log.
 *
 * Lines are dropped while nobody reads or the FIFO is full: a container must not wait for containerd's log. The
 * FIFO is kept open, so lines flow again when a restarted containerd has opened it. Without a FIFO (a bundle made
 * by hand) nothing is logged.
 *
 * @param bundle its path, or what answers the one that is to be written to now
 */
export function openBundleLog(
  bundle: string | (() => string),
  options: { minLevel: LogLevel; fields: LogFields },
): OpenLogger {
  const current = typeof bundle === "string" ? () => bundle : bundle;
  let opened = current();
  let fd = openFifo(join(opened, "log"));
  const close = () => {
    if (fd !== undefined) closeSync(fd);
    fd = undefined;
  };
  const follow = () => {
    if (current() === opened) return;
    close();
    opened = current();
    fd = openFifo(join(opened, "log"));
  };
  const write = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (LEVELS[level] < LEVELS[options.minLevel]) return;
    follow();
    if (fd === undefined) return;
    const allFields = { ...options.fields, ...fields };
    const format = (text: string) =>
      formatLogLine(Date.now(), level === "warn" ? "warning" : level, text, allFields);
    let line = format(message);
    if (Buffer.byteLength(line) > MAX_LINE_BYTES) line = format(`${message.slice(0, SHORTENED_LENGTH)}…`);
    try {
      writeSync(fd, line);
    } catch {
      // EPIPE: containerd is away; EAGAIN: it does not keep up. Either way this line is what gives.
    }
  };
  return {
    debug: (message, fields) => write("debug", message, fields),
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
    [Symbol.dispose]: close,
  };
}

function openFifo(path: string): number | undefined {
  try {
    // O_RDWR never waits for a reader and never gets ENXIO; lines written before containerd opens are kept.
    return openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    return undefined; // no FIFO: nobody listens
  }
}
