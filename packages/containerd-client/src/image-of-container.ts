// SPDX-License-Identifier: Apache-2.0
import { ContainersDefinition } from "@runwasi/containerd-api/gen/services/containers/v1/containers.ts";
import { ImagesDefinition } from "@runwasi/containerd-api/gen/services/images/v1/images.ts";
import type { ContainerdClient } from "./containerd-client.ts";

/** An image as containerd lists it. */
export interface ImageRecord {
  readonly name: string;
  /** The manifest, or an index of several. */
  readonly target: { readonly mediaType: string; readonly digest: string; readonly size: bigint };
}

/**
 * The image that a container was made of; undefined for a container of none.
 *
 * @throws ContainerdError, NOT_FOUND where containerd knows no such container, or its image no more.
 */
export async function imageOfContainer(
  client: ContainerdClient,
  id: string,
): Promise<ImageRecord | undefined> {
  const { container } = await client.call(ContainersDefinition, ContainersDefinition.methods.get, { id });
  const name = container?.image ?? "";
  if (name === "") return undefined;
  const { image } = await client.call(ImagesDefinition, ImagesDefinition.methods.get, { name });
  return image?.target === undefined ? undefined : { name, target: image.target };
}
