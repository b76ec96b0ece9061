// SPDX-License-Identifier: Apache-2.0
import { isThere, messageOf, readText, ShimError, type DaemonScope } from "@runwasi/containerd-shimkit";
import { isObject, type JsonObject } from "@runwasi/oci";

/** The node's configuration for every Wasm shim; what containerd's configuration says of a runtime comes over it. */
export const NODE_CONFIG = "/etc/runwasi/config.toml";

/**
 * Reads the node's configuration file; empty where there is none.
 *
 * @throws ShimError InvalidArgument when it cannot be read or is no TOML.
 */
export function readNodeConfig(path: string = NODE_CONFIG): JsonObject {
  if (!isThere(path)) return {};
  try {
    const value: unknown = Bun.TOML.parse(readText(path));
    return isObject(value) ? value : {};
  } catch (error) {
    throw new ShimError("InvalidArgument", `cannot use "${path}": ${messageOf(error)}`, { cause: error });
  }
}

/**
 * The node's option `daemon`.
 *
 * @throws ShimError InvalidArgument when it is neither of its values.
 */
export function daemonScope({ daemon = "pod" }: JsonObject = readNodeConfig()): DaemonScope {
  if (daemon === "pod" || daemon === "node") return daemon;
  throw new ShimError("InvalidArgument", 'cannot use option "daemon" (pod, node)');
}
