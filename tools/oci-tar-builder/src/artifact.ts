// SPDX-License-Identifier: Apache-2.0
import { createBlob, createJsonBlob, createManifest, EPOCH, type LayoutImage } from "@runwasi/oci";
import { TITLE, type CommonOptions, type TitledProgram } from "./image-options.ts";
import { targetWorld } from "./target-world.ts";
import { checkTitle } from "./title.ts";
import type { WasmProgram } from "./wasm-program.ts";

const CONFIG_TYPE = "application/vnd.wasm.config.v0+json";
const LAYER_TYPE = "application/wasm";
const ARCHITECTURE = "wasm";

/** What goes into an artifact: one program, no process and no files, for which its configuration has no members. */
export interface ArtifactOptions extends CommonOptions, TitledProgram {
  /** The component's world; found out where that can be, when left out. */
  readonly target?: string;
}

/**
 * Makes a Wasm OCI artifact as the CNCF's working group specifies it, what wkg and oras push and pull. Its entry in the
 * index has the platform of its configuration.
 *
 * @throws BuildError "input" for a title that is none.
 * @see https://github.com/cncf/tag-runtime/blob/53af352163efbe540b66cd912236975e6906439f/wgs/wasm/deliverables/wasm-oci-artifact/index.md
 */
export function createArtifact(options: ArtifactOptions): LayoutImage {
  const { program, names = [], annotations } = options;
  const layer = createBlob(LAYER_TYPE, program.bytes, { [TITLE]: checkTitle(options.title) });
  const platform = artifactPlatform(program);
  const config = createJsonBlob(CONFIG_TYPE, {
    created: options.created ?? EPOCH,
    author: options.author,
    architecture: platform.architecture,
    os: platform.os,
    layerDigests: [layer.descriptor.digest],
    component: componentOf(program, options.target),
  });
  return createManifest({ config, layers: [layer], platform, names, ...(annotations && { annotations }) });
}

/** What the specification has for the two kinds of binary; plain modules count as wasip1. */
function artifactPlatform({ kind }: WasmProgram): { os: string; architecture: string } {
  return { os: kind === "component" ? "wasip2" : "wasip1", architecture: ARCHITECTURE };
}

function componentOf(program: WasmProgram, target: string | undefined): Record<string, unknown> | undefined {
  if (program.kind !== "component") return undefined;
  const { imports, exports } = program.interface;
  return {
    exports: exports.map(({ name }) => name),
    imports: imports.map(({ name }) => name),
    target: target ?? targetWorld(program.interface),
  };
}
