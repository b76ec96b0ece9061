// SPDX-License-Identifier: Apache-2.0
export {
  MalformedError,
  isObject,
  isString,
  isStringArray,
  isStringMap,
  parseJsonObject,
  type JsonObject,
} from "./json.ts";
export {
  parseRuntimeSpec,
  parseSpecProcess,
  type RuntimeSpec,
  type SpecLinux,
  type SpecMount,
  type SpecNamespace,
  type SpecProcess,
} from "./runtime-spec.ts";
