// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { LEGACY_RUNC_OPTIONS, LegacyRuncOptions, unpackAny } from "@runwasi/containerd-api";
import type { Any } from "@runwasi/containerd-api/gen/google/protobuf/any.ts";
import { Options as RuncOptions } from "@runwasi/containerd-api/gen/types/runc/options/oci.ts";
import { Options as TomlOptions } from "@runwasi/containerd-api/gen/types/runtimeoptions/v1/api.ts";
import { isObject, type JsonObject } from "@runwasi/oci";
import { messageOf, ShimError } from "./error.ts";

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
  /** Options that shimkit does not know. A shim has to refuse those that it does not know either. */
  readonly rest: JsonObject;
}

const NO_OPTIONS: RuntimeOptions = {
  binaryName: "",
  root: "",
  systemdCgroup: undefined,
  noPivotRoot: false,
  noNewKeyring: false,
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
  if (runc !== undefined) return fromRuncOptions(runc);
  // containerd 1.6 and older name the message by its old package.
  const toml =
    unpack(any, "runtimeoptions.v1.Options", TomlOptions) ??
    unpack(any, "cri.runtimeoptions.v1.Options", TomlOptions);
  if (toml !== undefined) return fromToml(toml);
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
  return {
    binaryName: options.binaryName,
    root: options.root,
    // proto3 cannot tell false from absent, and CRI sends false for a runtime that was not configured.
    systemdCgroup: options.systemdCgroup ? true : undefined,
    noPivotRoot: options.noPivotRoot,
    noNewKeyring: options.noNewKeyring,
    rest: {},
  };
}

function fromToml({ configPath, configBody }: TomlOptions): RuntimeOptions {
  const source = configPath === "" ? "the runtime options" : `"${configPath}"`;
  let text: string;
  try {
    text =
      configBody.length > 0 || configPath === ""
        ? new TextDecoder().decode(configBody)
        : readFileSync(configPath, "utf8");
  } catch (error) {
    throw new ShimError("InvalidArgument", `cannot read ${source}: ${messageOf(error)}`, { cause: error });
  }
  const { BinaryName, Root, SystemdCgroup, NoPivotRoot, NoNewKeyring, ...rest } = parseToml(text, source);
  return {
    binaryName: stringOption("BinaryName", BinaryName, source) ?? "",
    root: stringOption("Root", Root, source) ?? "",
    systemdCgroup: booleanOption("SystemdCgroup", SystemdCgroup, source),
    noPivotRoot: booleanOption("NoPivotRoot", NoPivotRoot, source) ?? false,
    noNewKeyring: booleanOption("NoNewKeyring", NoNewKeyring, source) ?? false,
    rest,
  };
}

/** Parses TOML whose source is named in the error. Throws ShimError InvalidArgument. */
function parseToml(text: string, source: string): JsonObject {
  try {
    const value: unknown = Bun.TOML.parse(text);
    return isObject(value) ? value : {};
  } catch (error) {
    throw new ShimError("InvalidArgument", `cannot parse ${source} as TOML: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function stringOption(name: string, value: unknown, source: string): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw new ShimError("InvalidArgument", `cannot use option "${name}" of ${source}: not a string`);
}

function booleanOption(name: string, value: unknown, source: string): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw new ShimError("InvalidArgument", `cannot use option "${name}" of ${source}: not true or false`);
}
