// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";

/** The ShimError that a call throws or rejects with; anything else fails the test. */
export async function rejection(call: () => unknown): Promise<ShimError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof ShimError) return error;
    throw error;
  }
  throw new Error("it throws nothing");
}
