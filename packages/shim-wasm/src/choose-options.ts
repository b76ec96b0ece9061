// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";
import type { WasmConfig } from "./config.ts";
import { isNarrower, parseOptionText, type OptionValue, type OptionValues } from "./engine-options.ts";
import type { Engine } from "./engine.ts";

/**
 * The engine's options for one container: the node's, and over them what the pod's annotations ask for and the node
 * lets it set.
 *
 * @param asked annotations by option name, without the engine's
 * @throws ShimError InvalidArgument for a bad value, PermissionDenied for what the node does not allow.
 */
export function chooseOptions(
  { name: engine, options: declared = {} }: Engine,
  { engineOptions, allowedOptions }: WasmConfig,
  asked: ReadonlyMap<string, string>,
): OptionValues {
  const chosen = new Map<string, OptionValue>(engineOptions);
  for (const [name, text] of asked) {
    const option = declared[name];
    if (option === undefined) continue; // refused where the annotations were read
    const annotation = `annotation "${engine}.${name}.runwasi.io"`;
    if (!allowedOptions.includes(name)) {
      const allowed = allowedOptions.join(", ") || "none";
      throw new ShimError(
        "PermissionDenied",
        `cannot use ${annotation}: the node does not let pods set it (allowed: ${allowed}; see option "${engine}.allow")`,
      );
    }
    const value = parseOptionText(option, text, annotation);
    const limit = engineOptions.get(name);
    if (!isNarrower(value, limit)) {
      throw new ShimError(
        "PermissionDenied",
        `cannot use ${annotation}: the node allows no more than ${limit}`,
      );
    }
    chosen.set(name, value);
  }
  return chosen;
}
