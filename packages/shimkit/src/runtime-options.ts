// SPDX-License-Identifier: Apache-2.0
import { LEGACY_RUNC_OPTIONS, LegacyRuncOptions, unpackAny } from "@runwasi/containerd-api";
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import { Options as RuncOptions } from "@runwasi/containerd-api/gen/types/runc/options/oci.ts";
import { Options as TomlOptions } from "@runwasi/containerd-api/gen/types/runtimeoptions/v1/api.ts";
import type { JsonObject } from "@runwasi/oci";
import { messageOf, ShimError } from "./error.ts";
import { readTomlOptions } from "./runtime-options-toml.ts";

/** The runtime options of a container, from containerd's configuration of the runtime. */
export interface RuntimeOptions {
  /** Path or name of the OCI runtime; empty for the default. */
  readonly binaryName: string;
  /** Folder for the OCI runtime's state; empty for the default. */
  readonly root: string;
  /** undefined when nothing was said: the spec's cgroupsPath decides. */
  readonly systemdCgroup: boolean | undefined;
  readonly noPivotRoot: boolean;
  readonly noNewKeyring: boolean;
  /** Owner of the pipes and FIFOs of stdio; 0 and 0 leave them as they are. */
  readonly ioUid: number;
  readonly ioGid: number;
  /** Cgroup of the daemon; empty leaves it in containerd's. */
  readonly shimCgroup: string;
  /** The `criu` that the OCI runtime uses; empty for the one on the search path. Only TOML has it: containerd 2 dropped it. */
  readonly criuPath: string;
  /** Folder of a checkpoint to make the container from; empty for none. */
  readonly criuImagePath: string;
  /** Folder for CRIU's log of a restore; empty for a temporary one. */
  readonly criuWorkPath: string;
  /** Options that shimkit does not know. A shim has to refuse those that it does not know either. */
  readonly rest: JsonObject;
}

/** uid_t and gid_t without their last value, which chown(2) takes for "as it is". */
const MAX_OWNER = 0xffff_fffe;

const NO_OPTIONS: RuntimeOptions = {
  binaryName: "",
  root: "",
  systemdCgroup: undefined,
  noPivotRoot: false,
  noNewKeyring: false,
  ioUid: 0,
  ioGid: 0,
  shimCgroup: "",
  criuPath: "",
  criuImagePath: "",
  criuWorkPath: "",
  rest: {},
};

/**
 * Parses `options` of Create: `containerd.runc.v1.Options` or what stood for it until containerd 1.7, or `runtimeoptions.v1.Options` with TOML in
 * `config_body` or in the file `config_path`.
 *
 * @throws ShimError InvalidArgument naming the type, file or member that cannot be used.
 */
export function parseRuntimeOptions(any: Any | undefined): RuntimeOptions {
  if (any === undefined || any.typeUrl === "") return NO_OPTIONS;
  const runc =
    unpack(any, "containerd.runc.v1.Options", RuncOptions) ??
    unpack(any, LEGACY_RUNC_OPTIONS, LegacyRuncOptions);
  if (runc !== undefined) return checked(fromRuncOptions(runc));
  // containerd 1.6 and older name the message by its old package.
  const toml =
    unpack(any, "runtimeoptions.v1.Options", TomlOptions) ??
    unpack(any, "cri.runtimeoptions.v1.Options", TomlOptions);
  if (toml !== undefined) return checked(readTomlOptions(toml));
  const accepted = "containerd.runc.v1.Options or runtimeoptions.v1.Options";
  throw new ShimError("InvalidArgument", `cannot use runtime options of type "${any.typeUrl}" (${accepted})`);
}

function unpack<T>(any: Any, typeName: string, codec: { decode(bytes: Uint8Array): T }): T | undefined {
  try {
    return unpackAny(any, typeName, codec);
  } catch (error) {
    const message = `cannot read runtime options of type "${any.typeUrl}": ${messageOf(error)}`;
    throw new ShimError("InvalidArgument", message, { cause: error });
  }
}

function fromRuncOptions(options: RuncOptions): RuntimeOptions {
  assertTaskApi(options);
  const { binaryName, root, noPivotRoot, noNewKeyring } = options;
  const { ioUid, ioGid, shimCgroup, criuImagePath, criuWorkPath } = options;
  return {
    binaryName,
    root,
    // proto3 cannot tell false from absent, and CRI sends false for a runtime that was not configured.
    systemdCgroup: options.systemdCgroup ? true : undefined,
    noPivotRoot,
    noNewKeyring,
    ioUid,
    ioGid,
    shimCgroup,
    criuPath: "",
    criuImagePath,
    criuWorkPath,
    rest: {},
  };
}

/**
 * Where the Task API of a sandbox is served: containerd itself calls there instead of starting a shim, so for whoever
 * reads this it is the own address.
 * @see https://github.com/containerd/containerd/blob/v2.4.2/api/types/runc/options/oci.proto
 */
function assertTaskApi({ taskApiAddress, taskApiVersion }: RuncOptions): void {
  if (taskApiAddress !== "" && !/^(?:ttrpc|grpc)\+(?:unix|vsock):\/\/./.test(taskApiAddress)) {
    const needed = "ttrpc+unix://<path> or grpc+vsock://<cid>:<port>";
    throw badOption("TaskApiAddress", `it is "${taskApiAddress}" (${needed})`);
  }
  if (![0, 2, 3].includes(taskApiVersion)) {
    throw badOption("TaskApiVersion", `it is ${taskApiVersion} (2 or 3)`);
  }
}

/** What can be told of the options by themselves. */
function checked(options: RuntimeOptions): RuntimeOptions {
  const { root, criuPath, criuImagePath, criuWorkPath, shimCgroup } = options;
  const paths = { Root: root, CriuPath: criuPath, CriuImagePath: criuImagePath, CriuWorkPath: criuWorkPath };
  for (const [name, path] of Object.entries(paths)) {
    if (path !== "" && !path.startsWith("/")) throw badOption(name, `"${path}" is no absolute path`);
  }
  if (criuPath !== "" && !criuPath.endsWith("/criu")) {
    throw badOption("CriuPath", `it is "${criuPath}" (OCI runtimes look for an executable of the name criu)`);
  }
  for (const [name, owner] of Object.entries({ IoUid: options.ioUid, IoGid: options.ioGid })) {
    if (owner > MAX_OWNER) throw badOption(name, `it is ${owner} (${MAX_OWNER} or less)`);
  }
  if (shimCgroup.split("/").includes("..")) throw badOption("ShimCgroup", `"${shimCgroup}" leads upwards`);
  return options;
}

function badOption(name: string, reason: string): ShimError {
  return new ShimError("InvalidArgument", `cannot use option "${name}": ${reason}`);
}
