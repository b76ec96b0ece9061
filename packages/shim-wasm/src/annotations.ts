// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";
import type { RuntimeSpec } from "@runwasi/oci";

const CONTAINER_NAME = "io.kubernetes.cri.container-name";
const SUFFIX = ".runwasi.io";

/**
 * A container's own options from its annotations: `<option>.runwasi.io/<container>`, or without the name for every
 * container of the pod, which the former overrides. Pod authors annotate pods, so each container sees the options of
 * the others and passes over them.
 *
 * @param id the container's name where Kubernetes gave it none
 * @param others engines whose options are for their own shims: `<engine>.<option>` is passed over
 * @throws ShimError InvalidArgument for an option of this container that is not in `known`.
 */
export function readAnnotations<Option extends string>(
  { annotations = {} }: RuntimeSpec,
  id: string,
  known: readonly Option[],
  others: readonly string[] = [],
): ReadonlyMap<Option, string> {
  const container = annotations[CONTAINER_NAME] ?? id;
  const options = new Map<Option, string>();
  const forPod = Object.entries(annotations).filter(([key]) => key.endsWith(SUFFIX));
  const forContainer = Object.entries(annotations).filter(([key]) => key.endsWith(`${SUFFIX}/${container}`));
  for (const [key, value] of [...forPod, ...forContainer]) {
    const name = key.slice(0, key.indexOf(SUFFIX));
    if (others.some((engine) => name.startsWith(`${engine}.`))) continue;
    const option = known.find((candidate) => candidate === name);
    if (option === undefined) {
      throw new ShimError(
        "InvalidArgument",
        `annotation "${key}" is not known (${known.map((k) => k + SUFFIX).join(", ")})`,
      );
    }
    options.set(option, value);
  }
  return options;
}
