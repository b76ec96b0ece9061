// SPDX-License-Identifier: Apache-2.0
export { packAny, unpackAny } from "./any.ts";
export { LEGACY_RUNC_OPTIONS, LegacyRuncOptions } from "./legacy-runc-options.ts";
export { timestampFromMs, timestampToMs } from "./timestamp.ts";
export { TaskV2Definition, TaskV3Definition, type TaskDefinition } from "./task.ts";
