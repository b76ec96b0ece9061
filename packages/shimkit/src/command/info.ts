// SPDX-License-Identifier: Apache-2.0
import { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import { RuntimeInfo } from "@runwasi/containerd-api/gen/types/introspection.ts";
import { findRuntime, readFeatures } from "@runwasi/oci-runtime";
import { stateDir } from "../daemon/state-dir.ts";
import { writeStderr, writeStdout } from "../linux/output.ts";
import { messageOf, ShimError } from "../error.ts";
import { parseRuntimeOptions } from "../runtime-options.ts";
import type { ShimDefinition } from "../shim.ts";
import { readStdin } from "./stdin.ts";

/** As containerd registers the OCI runtime's features, which are JSON; core/runtime/typeurl.go. */
const FEATURES_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/features/Features";

/**
 * The `-info` command: prints a RuntimeInfo with the features of the OCI runtime that the options on stdin choose, by which
 * containerd 2.0 and newer allow id-mapped and recursively read-only mounts. Run without namespace or bundle.
 *
 * @throws ShimError InvalidArgument for options that cannot be used.
 */
export async function info({ name, version }: ShimDefinition): Promise<void> {
  const options = parseOptions(readStdin());
  const message: RuntimeInfo = {
    name,
    version: { version, revision: "" },
    options,
    features: await featuresOf(parseRuntimeOptions(options).binaryName),
    // No `containerd.io/runtime-allow-mounts`: this shim leaves the mount manager's own types of mounts to it.
    annotations: {},
  };
  writeStdout(RuntimeInfo.encode(message).finish());
}

function parseOptions(stdin: Uint8Array): Any | undefined {
  if (stdin.length === 0) return undefined;
  try {
    return Any.decode(stdin);
  } catch (error) {
    throw new ShimError("InvalidArgument", `cannot read options on stdin: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

// A host without an OCI runtime has a shim all the same, whose Create says what is missing.
async function featuresOf(binaryName: string): Promise<Any | undefined> {
  try {
    const { executable } = findRuntime(binaryName);
    const features = await readFeatures(executable, stateDir(), Bun.spawn);
    return features === undefined
      ? undefined
      : { typeUrl: FEATURES_TYPE, value: new TextEncoder().encode(features) };
  } catch (error) {
    writeStderr(`cannot tell the features of the OCI runtime: ${messageOf(error)}\n`);
    return undefined;
  }
}
