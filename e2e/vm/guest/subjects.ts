// SPDX-License-Identifier: Apache-2.0
import { startDetached, type DetachedContainer } from "../../src/harness/detached.ts";
import { imageName } from "../../src/harness/images.ts";
import type { Containerd } from "../../src/harness/containerd.ts";
import { machine } from "./machine.ts";

/** The one image of the job: a shell with its tools, and modules. */
export const IMAGE: string = imageName("mixed");

/** A program that says a line and then waits to be ended, in a native container and in a Wasm one. */
export interface Subject {
  readonly kind: string;
  readonly args: readonly string[];
  readonly says: string;
}

export const SUBJECTS: readonly Subject[] = [
  { kind: "native", args: ["sh", "-c", "echo ready; sleep 10000 & wait"], says: "ready" },
  { kind: "Wasm", args: ["/sleep.wasm"], says: "sleeping" },
];

interface SubjectOptions {
  readonly flags?: readonly string[];
  /** The machine's, unless said otherwise. */
  readonly containerd?: Containerd;
}

/** Starts a subject, and answers once it has said its line. The caller disposes. */
export async function startSubject(
  { args, says }: Pick<Subject, "args" | "says">,
  { flags = [], containerd = machine }: SubjectOptions = {},
): Promise<DetachedContainer> {
  await using undo = new AsyncDisposableStack();
  const run = { runtime: "jsc", image: IMAGE, args, flags } as const;
  const container = undo.use(await startDetached(containerd, run));
  await container.printed(says);
  undo.move();
  return container;
}
