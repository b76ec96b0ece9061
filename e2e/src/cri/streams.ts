// SPDX-License-Identifier: Apache-2.0
// Streams of CRI by crictl, which speaks as kubectl does through the API server.
import { runCommand, type CommandOptions, type CommandResult } from "../harness/command.ts";
import { criEnvironment, type CriNode } from "./cri-node.ts";
import type { PodContainer } from "./pod.ts";

/** Executes a program with its input open; crictl ends with 1 when that fails. */
export function streamExec(
  node: CriNode,
  container: PodContainer,
  cmd: readonly string[],
  options?: CommandOptions,
): Promise<CommandResult> {
  return node.crictl(["exec", "-i", container.id, ...cmd], options);
}

/** Attaches to a container's own stdio, to its end or that of `options.stdin`. */
export function streamAttach(
  node: CriNode,
  container: PodContainer,
  options?: CommandOptions,
): Promise<CommandResult> {
  return node.crictl(["attach", "-i", container.id], options);
}

/** Executes a program on a terminal. */
export function execOnTerminal(
  node: CriNode,
  container: PodContainer,
  cmd: readonly string[],
  options?: CommandOptions,
): Promise<CommandResult> {
  return onTerminal(node, ["exec", "-it", container.id, ...cmd], options);
}

/** Attaches to the terminal of a container that has one. */
export function attachToTerminal(
  node: CriNode,
  container: PodContainer,
  options?: CommandOptions,
): Promise<CommandResult> {
  return onTerminal(node, ["attach", "-it", container.id], options);
}

/** With a terminal of script(1)'s for crictl, which insists on one. */
function onTerminal(
  node: CriNode,
  args: readonly string[],
  options?: CommandOptions,
): Promise<CommandResult> {
  const crictl = node.crictlCommand(args);
  const quoted = crictl.map((argument) => `'${argument}'`).join(" ");
  return runCommand(["script", "-qec", quoted, "/dev/null"], { env: criEnvironment, ...options });
}
