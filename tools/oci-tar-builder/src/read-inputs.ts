// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { BuildError } from "./build-error.ts";
import type { TitledProgram } from "./image-options.ts";
import { checkTitle } from "./title.ts";
import { parseProgram } from "./wasm-program.ts";

const STDIN = "-";
/** The title of what comes without a file name. */
const STDIN_TITLE = "module.wasm";

/** Reads files named on a command line, and stdin for "-", which can be read once. */
export function createInputs(stdin: () => Promise<Uint8Array>): {
  /** `[title=]file` as a program. */
  program(spec: string): Promise<TitledProgram>;
  /** A file's content; throws BuildError "input" when it cannot be read. */
  content(path: string): Promise<Uint8Array>;
} {
  let isStdinRead = false;
  const content = async (path: string): Promise<Uint8Array> => {
    if (path !== STDIN) return await readInput(path);
    if (isStdinRead) throw new BuildError("usage", "stdin can be read once, and is named twice");
    isStdinRead = true;
    return await stdin();
  };
  return {
    content,
    async program(spec) {
      const { title, path } = splitTitle(spec);
      const source = path === STDIN ? "stdin" : path;
      // Before anything is read: what comes from a pipe may take long.
      checkTitle(title);
      return { title, program: await parseProgram(await content(path), source) };
    },
  };
}

/** Splits `[title=]file` at the first "="; without a title, the file's name is it, ending in .wasm where it is text. */
export function splitTitle(spec: string): { readonly title: string; readonly path: string } {
  const at = spec.indexOf("=");
  if (at !== -1) return { title: spec.slice(0, at), path: spec.slice(at + 1) };
  if (spec === STDIN) return { title: STDIN_TITLE, path: spec };
  return { title: basename(spec).replace(/\.wat$/, ".wasm"), path: spec };
}

async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new BuildError("input", `cannot read "${path}": ${reasonOf(error)}`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "you may not",
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return REASONS[code] ?? String(error);
}
