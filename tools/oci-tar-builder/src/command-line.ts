// SPDX-License-Identifier: Apache-2.0
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { BuildError } from "./build-error.ts";

const FORMATS = ["artifact", "layers", "rootfs"] as const;
type Format = (typeof FORMATS)[number];

const ALL = FORMATS;
const IMAGES = ["layers", "rootfs"] as const;

/** Every option, with the formats it has a meaning in. */
const OPTIONS = {
  help: { type: "boolean", short: "h", formats: ALL },
  format: { type: "string", short: "f", formats: ALL },
  name: { type: "string", short: "n", multiple: true, formats: ALL },
  tag: { type: "string", short: "t", multiple: true, formats: ALL },
  output: { type: "string", short: "o", formats: ALL },
  annotation: { type: "string", short: "a", multiple: true, formats: ALL },
  author: { type: "string", formats: ALL },
  created: { type: "string", formats: ALL },
  module: { type: "string", short: "m", multiple: true, formats: ALL },
  target: { type: "string", formats: ["artifact"] },
  entrypoint: { type: "string", short: "e", multiple: true, formats: IMAGES },
  cmd: { type: "string", multiple: true, formats: IMAGES },
  env: { type: "string", multiple: true, formats: IMAGES },
  workdir: { type: "string", formats: IMAGES },
  user: { type: "string", formats: IMAGES },
  label: { type: "string", multiple: true, formats: IMAGES },
  platform: { type: "string", short: "p", formats: IMAGES },
  file: { type: "string", multiple: true, formats: IMAGES },
  layer: { type: "string", short: "l", multiple: true, formats: ["layers"] },
  "wasm-type": { type: "string", formats: ["layers"] },
} as const satisfies ParseArgsOptionsConfig & Record<string, { formats: readonly Format[] }>;

/** What the options say, as it came. */
export interface CommandValues {
  readonly help?: boolean | undefined;
  readonly format?: string | undefined;
  readonly name?: string[] | undefined;
  readonly tag?: string[] | undefined;
  readonly output?: string | undefined;
  readonly annotation?: string[] | undefined;
  readonly author?: string | undefined;
  readonly created?: string | undefined;
  readonly module?: string[] | undefined;
  readonly target?: string | undefined;
  readonly entrypoint?: string[] | undefined;
  readonly cmd?: string[] | undefined;
  readonly env?: string[] | undefined;
  readonly workdir?: string | undefined;
  readonly user?: string | undefined;
  readonly label?: string[] | undefined;
  readonly platform?: string | undefined;
  readonly file?: string[] | undefined;
  readonly layer?: string[] | undefined;
  readonly "wasm-type"?: string | undefined;
}

/** A command line whose options exist and fit the format; what they say has not been looked at. */
export type CommandLine =
  | { readonly kind: "help" }
  | {
      readonly kind: "build";
      readonly format: Format;
      readonly modules: readonly string[];
      readonly values: CommandValues;
    };

/** @throws BuildError "usage" for options that there are not, or not in this format, and for no module. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const { values, positionals } = refusing(() => parse(argv));
  if (values.help === true) return { kind: "help" };
  const { format = "artifact" } = values;
  if (!isFormat(format))
    throw new BuildError("usage", `there is no format "${format}" (${FORMATS.join(", ")})`);
  for (const [name, { formats }] of Object.entries(OPTIONS)) assertFits(name, formats, format, { ...values });
  const modules = [...(values.module ?? []), ...positionals];
  if (modules.length === 0)
    throw new BuildError("usage", 'there is no module to pack (a file, or "-" for stdin)');
  return { kind: "build", format, modules, values };
}

function parse(argv: readonly string[]): { values: CommandValues; positionals: string[] } {
  return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
}

function isFormat(format: string): format is Format {
  return FORMATS.some((known) => known === format);
}

function assertFits(
  name: string,
  formats: readonly Format[],
  format: Format,
  values: Readonly<Record<string, unknown>>,
): void {
  if (values[name] === undefined || formats.includes(format)) return;
  throw new BuildError(
    "usage",
    `--${name} has no place in format ${format} (--format ${formats.join(" or ")})`,
  );
}

function refusing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    // Node's own words: `Unknown option '--x'`, `Option '-o, --output <value>' argument missing`.
    throw new BuildError("usage", error instanceof Error ? error.message : String(error), { cause: error });
  }
}
