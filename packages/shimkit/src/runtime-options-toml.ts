// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import type { Options as TomlOptions } from "@runwasi/containerd-api/gen/types/runtimeoptions/v1/api.ts";
import { isObject, type JsonObject } from "@runwasi/oci";
import { messageOf, ShimError } from "./error.ts";
import type { RuntimeOptions } from "./runtime-options.ts";

/**
 * The options that are written in TOML, in the message or in the file that it names.
 *
 * @throws ShimError InvalidArgument naming the source and the member.
 */
export function readTomlOptions({ configPath, configBody }: TomlOptions): RuntimeOptions {
  const source = configPath === "" ? "the runtime options" : `"${configPath}"`;
  const inMessage = configBody.length > 0 || configPath === "";
  const text = inMessage ? new TextDecoder().decode(configBody) : readText(configPath);
  const rest = { ...parseToml(text, source) };
  const take = <T>(name: string, is: (value: unknown) => value is T, what: string): T | undefined => {
    const value = rest[name];
    delete rest[name];
    if (value === undefined || is(value)) return value;
    throw new ShimError("InvalidArgument", `cannot use option "${name}" of ${source}: not ${what}`);
  };
  const string = (name: string): string => take(name, isText, "a string") ?? "";
  const flag = (name: string): boolean | undefined => take(name, isFlag, "true or false");
  const owner = (name: string): number => take(name, isOwner, "a whole number") ?? 0;
  for (const name of ["TaskApiAddress", "TaskApiVersion"]) {
    if (rest[name] === undefined) continue;
    const needed = "containerd reads it of containerd.runc.v1.Options only";
    throw new ShimError("InvalidArgument", `cannot use option "${name}" of ${source}: ${needed}`);
  }
  return {
    binaryName: string("BinaryName"),
    root: string("Root"),
    systemdCgroup: flag("SystemdCgroup"),
    noPivotRoot: flag("NoPivotRoot") ?? false,
    noNewKeyring: flag("NoNewKeyring") ?? false,
    ioUid: owner("IoUid"),
    ioGid: owner("IoGid"),
    shimCgroup: string("ShimCgroup"),
    criuPath: string("CriuPath"),
    criuImagePath: string("CriuImagePath"),
    criuWorkPath: string("CriuWorkPath"),
    rest,
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ShimError("InvalidArgument", `cannot read "${path}": ${messageOf(error)}`, { cause: error });
  }
}

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

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isOwner(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
