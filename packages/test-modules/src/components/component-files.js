// Reads, writes and lists with wasi:filesystem: `read <path>`, `write <path> <text>`, `list <path>`.
// SPDX-License-Identifier: Apache-2.0
import environment from "wasi:cli/environment@0.2.10";
import exit from "wasi:cli/exit@0.2.10";
import stderr from "wasi:cli/stderr@0.2.10";
import stdout from "wasi:cli/stdout@0.2.10";
import preopens from "wasi:filesystem/preopens@0.2.10";
import { errorCode } from "./error-code.js";
import { copy, dispose, writeAll } from "./streams.js";
import { encode } from "./text.js";

const COMMANDS = { read, write, list };
const FOLLOW = { symlinkFollow: true };

export const run = {
  run() {
    const [, command, ...args] = environment.getArguments();
    try {
      COMMANDS[command](...args);
    } catch (error) {
      writeAll(stderr.getStderr(), encode(`cannot ${command} ${args[0]}: ${errorCode(error)}\n`));
      exit.exit({ tag: "err" });
    }
  },
};

/** Copies a file to stdout. */
function read(path) {
  const [folder, name] = locate(path);
  const file = folder.openAt(FOLLOW, name, {}, { read: true });
  const input = file.readViaStream(0);
  copy(input, stdout.getStdout());
  dispose(input, file);
}

/** Makes a file, or empties one, and writes a text to it. */
function write(path, text) {
  const [folder, name] = locate(path);
  const file = folder.openAt(FOLLOW, name, { create: true, truncate: true }, { write: true });
  const output = file.writeViaStream(0);
  writeAll(output, encode(text));
  dispose(output, file);
}

/** Prints the names in a folder in order, a / after folders. */
function list(path) {
  const [folder, name] = locate(path);
  const opened = folder.openAt(FOLLOW, name, { directory: true }, { read: true });
  const entries = opened.readDirectory();
  const lines = [];
  for (let entry = entries.readDirectoryEntry(); entry !== null; entry = entries.readDirectoryEntry()) {
    lines.push(`${entry.name}${entry.type === "directory" ? "/" : ""}\n`);
  }
  dispose(entries, opened);
  writeAll(stdout.getStdout(), encode(lines.toSorted().join("")));
}

/** The preopened folder that holds a path most closely, and the path below it. */
function locate(path) {
  const below = preopens.getDirectories().flatMap(([folder, name]) => {
    const prefix = name.endsWith("/") ? name : `${name}/`;
    if (path === name) return [{ folder, length: name.length, rest: "." }];
    return path.startsWith(prefix)
      ? [{ folder, length: prefix.length, rest: path.slice(prefix.length) }]
      : [];
  });
  const [closest] = below.toSorted((a, b) => b.length - a.length);
  if (closest === undefined) throw new Error("no folder was given that holds it");
  return [closest.folder, closest.rest];
}
