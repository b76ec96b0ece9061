// SPDX-License-Identifier: Apache-2.0
import { ShimError, type Code } from "@runwasi/containerd-shimkit";

/** What a limit of compilation is to containerd: of memory, or of time. */
export type LimitCode = Extract<Code, "ResourceExhausted" | "DeadlineExceeded">;

/** A module that cannot be compiled within a limit: unlike all else that goes wrong here, the container's own failure. */
export class CompileLimitError extends ShimError {
  constructor(code: LimitCode, message: string) {
    super(code, message);
    this.name = "CompileLimitError";
  }
}
