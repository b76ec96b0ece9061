// SPDX-License-Identifier: Apache-2.0

/** Values of one log line; undefined ones are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * One line as containerd's own logger writes it: `time=… level=… msg=… key=value`, quoted where a value has
 * anything but plain characters, so that what an image wrote cannot start a line of its own.
 */
export function formatLogLine(timeMs: number, level: string, message: string, fields: LogFields): string {
  let line = `time="${new Date(timeMs).toISOString()}" level=${level} msg=${quoted(message)}`;
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) line += ` ${key}=${quote(String(value))}`;
  }
  return `${line}\n`;
}

function quote(value: string): string {
  return /^[\w./@^+:-]+$/.test(value) ? value : quoted(value);
}

// JSON leaves what terminals and some line readers act on: DEL, C1 controls, line separators, text direction.
function quoted(value: string): string {
  return JSON.stringify(value).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
