// SPDX-License-Identifier: Apache-2.0
import {
  isBoolean,
  isObject,
  isObjectArray,
  isString,
  isStringArray,
  isStringMap,
  MalformedError,
  member,
  parseJsonObject,
  type JsonObject,
} from "./json.ts";

/** `mounts[]` of a container's config.json; members not listed here are kept as they came. */
export interface SpecMount extends JsonObject {
  destination: string;
  type?: string | undefined;
  source?: string | undefined;
  options?: string[] | undefined;
}

/** `process` of a container's config.json; members not listed here are kept as they came. */
export interface SpecProcess extends JsonObject {
  args?: string[] | undefined;
  env?: string[] | undefined;
  cwd: string;
  terminal?: boolean | undefined;
}

/** `linux.namespaces[]`: without a path the runtime makes a new one. */
export interface SpecNamespace extends JsonObject {
  type: string;
  path?: string | undefined;
}

/** `linux` of a container's config.json; members not listed here are kept as they came. */
export interface SpecLinux extends JsonObject {
  cgroupsPath?: string | undefined;
  resources?: JsonObject | undefined;
  namespaces?: SpecNamespace[] | undefined;
}

/**
 * A container's config.json as the OCI runtime specification defines it.
 *
 * The parsed JSON itself, checked where this system reads it and untouched elsewhere, so that writing it back
 * drops nothing that a newer containerd put in. A member listed here that is null, as Go's encoders write what is
 * absent, becomes undefined and is not written back.
 * @see https://github.com/opencontainers/runtime-spec/blob/v1.2.1/config.md
 */
export interface RuntimeSpec extends JsonObject {
  ociVersion: string;
  process?: SpecProcess | undefined;
  root?: (JsonObject & { path: string; readonly?: boolean | undefined }) | undefined;
  mounts?: SpecMount[] | undefined;
  annotations?: Record<string, string> | undefined;
  linux?: SpecLinux | undefined;
  hooks?: JsonObject | undefined;
}

/**
 * Parses config.json. It comes from containerd but carries what an image's author wrote.
 *
 * @throws MalformedError naming the member that is not what the specification says.
 */
export function parseRuntimeSpec(text: string): RuntimeSpec {
  const spec = parseJsonObject(text, "config.json");
  const ociVersion = member(spec, "ociVersion", isString, "a string");
  if (ociVersion === undefined) throw new MalformedError(`config.json has no "ociVersion"`);
  const process = member(spec, "process", isObject, "an object");
  const root = member(spec, "root", isObject, "an object");
  const linux = member(spec, "linux", isObject, "an object");
  return Object.assign(spec, {
    ociVersion,
    process: process && checkProcess(process),
    root: root && checkRoot(root),
    linux: linux && checkLinux(linux),
    mounts: member(spec, "mounts", isObjectArray, "an array of objects")?.map(checkMount),
    annotations: member(spec, "annotations", isStringMap, "an object of strings"),
    hooks: member(spec, "hooks", isObject, "an object"),
  });
}

/**
 * Parses the annotations of config.json and looks at nothing else of it.
 *
 * @throws MalformedError when it is no JSON object, or they are not an object of strings.
 */
export function parseAnnotations(text: string): Readonly<Record<string, string>> {
  return (
    member(parseJsonObject(text, "config.json"), "annotations", isStringMap, "an object of strings") ?? {}
  );
}

/**
 * Parses `process` of the same specification, as an exec has it alone.
 *
 * @throws MalformedError as `parseRuntimeSpec`.
 */
export function parseSpecProcess(text: string): SpecProcess {
  return checkProcess(parseJsonObject(text, "the process"));
}

function checkProcess(process: JsonObject): SpecProcess {
  const cwd = member(process, "cwd", isString, "a string");
  if (cwd === undefined) throw new MalformedError(`"process" has no "cwd"`);
  return Object.assign(process, {
    cwd,
    args: member(process, "args", isStringArray, "an array of strings"),
    env: member(process, "env", isStringArray, "an array of strings"),
    terminal: member(process, "terminal", isBoolean, "a boolean"),
  });
}

function checkRoot(root: JsonObject): JsonObject & { path: string } {
  const path = member(root, "path", isString, "a string");
  if (path === undefined) throw new MalformedError(`"root" has no "path"`);
  return Object.assign(root, {
    path,
    readonly: member(root, "readonly", isBoolean, "a boolean"),
  });
}

function checkLinux(linux: JsonObject): SpecLinux {
  return Object.assign(linux, {
    cgroupsPath: member(linux, "cgroupsPath", isString, "a string"),
    resources: member(linux, "resources", isObject, "an object"),
    namespaces: member(linux, "namespaces", isObjectArray, "an array of objects")?.map(checkNamespace),
  });
}

function checkNamespace(namespace: JsonObject): SpecNamespace {
  const type = member(namespace, "type", isString, "a string");
  if (type === undefined) throw new MalformedError(`a member of "namespaces" has no "type"`);
  return Object.assign(namespace, {
    type,
    path: member(namespace, "path", isString, "a string"),
  });
}

function checkMount(mount: JsonObject): SpecMount {
  const destination = member(mount, "destination", isString, "a string");
  if (destination === undefined) throw new MalformedError(`a member of "mounts" has no "destination"`);
  return Object.assign(mount, {
    destination,
    type: member(mount, "type", isString, "a string"),
    source: member(mount, "source", isString, "a string"),
    options: member(mount, "options", isStringArray, "an array of strings"),
  });
}
