// SPDX-License-Identifier: Apache-2.0
import { encodeLayoutArchive, type LayoutImage } from "@runwasi/oci";
import { createArtifact } from "./artifact.ts";
import { BuildError } from "./build-error.ts";
import { parseCommandLine, type CommandLine } from "./command-line.ts";
import { HELP } from "./help.ts";
import { imageNames } from "./image-names.ts";
import type { CommonOptions, ImageOptions, OtherLayer } from "./image-options.ts";
import { createLayersImage } from "./layers-image.ts";
import * as parse from "./option-values.ts";
import { createInputs, splitTitle } from "./read-inputs.ts";
import { createRootfsImage } from "./rootfs-image.ts";
import { writeOutput } from "./write-output.ts";

/** What a run of the command reads and writes beside the files that it names. */
export interface CommandStreams {
  readonly stdin: () => Promise<Uint8Array>;
  readonly stdout: (content: Uint8Array | string) => Promise<void>;
  readonly isTerminal: boolean;
  readonly sourceDateEpoch: string | undefined;
}

/** Does what a command line says. @throws BuildError, having written nothing. */
export async function runCommand(argv: readonly string[], streams: CommandStreams): Promise<void> {
  const command = parseCommandLine(argv);
  if (command.kind === "help") return await streams.stdout(HELP);
  const { output = "-" } = command.values;
  if (output === "-" && streams.isTerminal)
    throw new BuildError(
      "usage",
      "the archive is nothing for a terminal (--output file, or redirect stdout)",
    );
  const image = await buildImage(command, streams);
  const archive = encodeLayoutArchive([image]);
  if (output === "-") return await streams.stdout(archive);
  await writeOutput(output, archive);
  const { digest } = image.manifest.descriptor;
  await streams.stdout(
    image.names.length === 0
      ? `${digest}\n`
      : image.names.map(({ fullName }) => `${digest} ${fullName}\n`).join(""),
  );
}

type BuildCommand = Extract<CommandLine, { kind: "build" }>;

async function buildImage(command: BuildCommand, streams: CommandStreams): Promise<LayoutImage> {
  const { format, modules, values } = command;
  const common = commonOptions(command, streams.sourceDateEpoch);
  const inputs = createInputs(streams.stdin);
  if (format === "artifact") {
    const [module, ...others] = modules;
    if (module === undefined || others.length > 0)
      throw new BuildError("usage", `an artifact has one module, not ${modules.length} (--format layers)`);
    const { target } = values;
    const titled = await inputs.program(module);
    if (target !== undefined && titled.program.kind !== "component")
      throw new BuildError("usage", "--target is for a component, which this module is not");
    return createArtifact({ ...common, ...titled, ...(target !== undefined && { target }) });
  }
  const image = await imageOptions(command, common, inputs);
  if (format === "rootfs") return createRootfsImage(image);
  const { "wasm-type": type } = values;
  return createLayersImage({
    ...image,
    layers: await otherLayers(values.layer ?? [], inputs),
    ...(type !== undefined && { wasmType: parse.parseWasmType(type) }),
  });
}

function commonOptions({ values }: BuildCommand, sourceDateEpoch: string | undefined): CommonOptions {
  return {
    names: imageNames(values.name ?? [], values.tag ?? []),
    created: parse.parseCreated(values.created, sourceDateEpoch),
    ...(values.annotation && { annotations: parse.parsePairs("annotation", values.annotation) }),
    ...(values.author !== undefined && { author: values.author }),
  };
}

type Inputs = ReturnType<typeof createInputs>;

async function imageOptions(
  { modules, values }: BuildCommand,
  common: CommonOptions,
  inputs: Inputs,
): Promise<ImageOptions> {
  const process = parse.parseProcess(values);
  const platform = values.platform === undefined ? undefined : parse.parsePlatform(values.platform);
  // One after the other: stdin is there once, and the assembler is not re-entrant.
  const programs = [];
  for (const module of modules) programs.push(await inputs.program(module));
  const files = [];
  for (const [path, file] of (values.file ?? []).map((pair) => parse.splitPair("file", pair)))
    files.push({ path: path.replace(/^\//, ""), content: await inputs.content(file) });
  return { ...common, process, programs, files, ...(platform && { platform }) };
}

async function otherLayers(specs: readonly string[], inputs: Inputs): Promise<readonly OtherLayer[]> {
  const layers: OtherLayer[] = [];
  for (const spec of specs) {
    const [type, file] = parse.splitPair("layer", spec);
    const { title, path } = splitTitle(file);
    layers.push({ mediaType: parse.assertMediaType(type), title, content: await inputs.content(path) });
  }
  return layers;
}
