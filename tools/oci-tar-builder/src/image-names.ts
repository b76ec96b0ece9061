// SPDX-License-Identifier: Apache-2.0
import type { LayoutName } from "@runwasi/oci";
import { BuildError } from "./build-error.ts";

const PATH_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const HOST_PART = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const HOST = `(?:${HOST_PART}(?:\\.${HOST_PART})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?`;
const TAG = "\\w[\\w.-]{0,127}";
/** https://github.com/distribution/reference/blob/v0.6.0/reference.go, without a digest, which is not known before. */
const REFERENCE = new RegExp(`^((?:${HOST}/)?${PATH_PART}(?:/${PATH_PART})*)(?::(${TAG}))?$`);
const TAG_ALONE = new RegExp(`^${TAG}$`);
const DEFAULT_TAG = "latest";

/**
 * The names of an image: every reference with its own tag and with each of `tags`, "latest" where there is neither. The
 * short name is the tag; two references of the same tag have their full one there too, as it must tell them apart.
 *
 * @throws BuildError "usage" for what is no reference or tag.
 */
export function imageNames(references: readonly string[], tags: readonly string[]): readonly LayoutName[] {
  for (const tag of tags)
    if (!TAG_ALONE.test(tag)) throw new BuildError("usage", `cannot use tag "${tag}" (such as "1.0")`);
  if (tags.length > 0 && references.length === 0)
    throw new BuildError("usage", `cannot use tag "${tags.join()}": there is no name (give --name too)`);
  const named = references.flatMap((reference) => tagged(reference, tags));
  const distinct = [...new Map(named.map((name) => [name.fullName, name])).values()];
  return distinct.map(({ fullName, tag }) => {
    const isUnique = distinct.filter((other) => other.tag === tag).length === 1;
    return { fullName, refName: isUnique ? tag : fullName };
  });
}

function tagged(reference: string, tags: readonly string[]): readonly { fullName: string; tag: string }[] {
  const [, repository, own] = REFERENCE.exec(reference) ?? [];
  if (repository === undefined)
    throw new BuildError("usage", `cannot use name "${reference}": it is no reference (example.org/app:1.0)`);
  const all = [...(own === undefined ? [] : [own]), ...tags];
  return (all.length === 0 ? [DEFAULT_TAG] : all).map((tag) => ({ fullName: `${repository}:${tag}`, tag }));
}
