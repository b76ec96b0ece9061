// SPDX-License-Identifier: Apache-2.0
export { type Component, loadComponent, type World } from "./component.ts";
export { ComponentError, type ComponentErrorKind } from "./component-error.ts";
export type { HostOptions } from "./host/host.ts";
export type { Preopen } from "./host/preopen.ts";
export { type ComponentOptions, runComponent, TRAP_EXIT_CODE } from "./run-component.ts";
export { serveComponent, type ServeOptions } from "./serve-component.ts";
