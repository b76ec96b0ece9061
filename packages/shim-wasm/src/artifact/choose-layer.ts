// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";
import type { Descriptor } from "@runwasi/oci";

const TITLE = "org.opencontainers.image.title";
const MAX_LISTED = 8;

/** A layer with what the container's first argument says of it. */
export interface ChosenLayer {
  readonly layer: Descriptor;
  /** The function of `path#function`. */
  readonly invoke: string | undefined;
}

/**
 * The Wasm layer that a container runs: the only one, whatever the container's arguments name, or the one whose title is
 * the first argument.
 *
 * @param name the first argument, `title` or `title#function`; empty for none
 * @throws ShimError InvalidArgument listing the titles when several layers have none or more than one of that title.
 */
export function chooseLayer(layers: readonly Descriptor[], name: string, image: string): ChosenLayer {
  const hash = name.lastIndexOf("#");
  const [title, invoke] = hash > 0 ? [name.slice(0, hash), name.slice(hash + 1)] : [name, undefined];
  const [only, ...others] = layers;
  if (only !== undefined && others.length === 0) return { layer: only, invoke };
  const [chosen, ...more] = layers.filter((layer) => titleOf(layer) === title.replace(/^\.?\//, ""));
  if (chosen !== undefined && more.length === 0) return { layer: chosen, invoke };
  const titles = layers.map((layer) => titleOf(layer) ?? "(without a title)");
  const listed = `${titles.slice(0, MAX_LISTED).join(", ")}${titles.length > MAX_LISTED ? ", …" : ""}`;
  const what = chosen === undefined ? "none has" : "more than one has";
  throw new ShimError(
    "InvalidArgument",
    `cannot run image "${image}": it has ${layers.length} WebAssembly layers, of which ${what} the title "${title}" ` +
      `(name one as the entrypoint: ${listed})`,
  );
}

/** The file name that a layer was packed from, as its image says: hostile, and for reading only. */
export function titleOf({ annotations }: Descriptor): string | undefined {
  return annotations?.[TITLE];
}
