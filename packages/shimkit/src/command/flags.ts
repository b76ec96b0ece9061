// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "../error.ts";

/** The command line of a shim; what was not given is empty. */
export interface Flags {
  readonly namespace: string;
  readonly id: string;
  /** containerd's gRPC socket. */
  readonly address: string;
  readonly publishBinary: string;
  readonly bundle: string;
  readonly debug: boolean;
  readonly action: Action;
}

/** `serve`, where no command is given, as Go's shims take it: ours to run, not containerd's. */
type Action = "start" | "delete" | "info" | "version" | "serve";

const STRING_FLAGS = [
  "namespace",
  "id",
  "address",
  "publish-binary",
  "bundle",
  "socket",
  "debug-socket",
] as const;
type StringFlag = (typeof STRING_FLAGS)[number];

/**
 * Parses the flags that containerd passes, in the forms of Go's flag package: `-name value`, `--name=value`, `-debug`.
 *
 * @throws ShimError InvalidArgument naming what cannot be understood.
 */
export function parseFlags(argv: readonly string[]): Flags {
  const values = new Map<StringFlag, string>();
  const switches = new Set<string>();
  let index = 0;
  for (; index < argv.length; index += 1) {
    const { name, inline } = splitFlag(argv[index] ?? "");
    if (name === "") break;
    if (name === "debug" || name === "v" || name === "version" || name === "info") {
      if (inline !== "false") switches.add(name);
      continue;
    }
    const flag = STRING_FLAGS.find((known) => known === name);
    if (flag === undefined) throw new ShimError("InvalidArgument", `cannot run: flag -${name} is not known`);
    const value = inline ?? argv[(index += 1)];
    if (value === undefined)
      throw new ShimError("InvalidArgument", `cannot run: flag -${name} needs a value`);
    values.set(flag, value);
  }
  return {
    namespace: values.get("namespace") ?? "",
    id: values.get("id") ?? "",
    address: values.get("address") ?? "",
    publishBinary: values.get("publish-binary") ?? "",
    bundle: values.get("bundle") ?? "",
    debug: switches.has("debug"),
    action: parseAction(switches, argv[index]),
  };
}

// Not by a regular expression: compiling one takes as long as parsing the whole command line.
function splitFlag(argument: string): { readonly name: string; readonly inline: string | undefined } {
  if (!argument.startsWith("-")) return { name: "", inline: undefined };
  const flag = argument.slice(argument.startsWith("--") ? 2 : 1);
  const equals = flag.indexOf("=");
  return equals < 0
    ? { name: flag, inline: undefined }
    : { name: flag.slice(0, equals), inline: flag.slice(equals + 1) };
}

function parseAction(switches: ReadonlySet<string>, word: string | undefined): Action {
  if (switches.has("v") || switches.has("version")) return "version";
  if (switches.has("info")) return "info";
  switch (word) {
    case "start":
    case "delete":
      return word;
    case undefined:
      return "serve";
    default:
      throw new ShimError("InvalidArgument", `cannot run "${word}": no such command (start or delete)`);
  }
}

/** @throws ShimError InvalidArgument when a flag that this command needs was not given. */
export function requireFlags(flags: Flags, ...names: readonly ("namespace" | "id" | "address")[]): void {
  for (const name of names) {
    if (flags[name] === "")
      throw new ShimError("InvalidArgument", `cannot ${flags.action}: flag -${name} is missing`);
  }
}
