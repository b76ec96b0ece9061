// SPDX-License-Identifier: Apache-2.0
import { ComponentError } from "./component-error.ts";
import { GuestExit } from "./host/cli.ts";

// JavaScriptCore adds the JavaScript that called in, which tells the guest's author nothing.
const EVALUATED = / \(evaluating '.*'\)$/s;

/** One line on why a guest failed. */
export function trapMessage(error: unknown): string {
  if (error instanceof ComponentError) return error.message;
  if (error instanceof GuestExit) return `cannot run component: it ended itself with ${error.exitCode}`;
  const reason =
    error instanceof Error ? error.message.replace(EVALUATED, "") : "an exception was not caught";
  return `cannot run component: wasm trap: ${reason}`;
}
