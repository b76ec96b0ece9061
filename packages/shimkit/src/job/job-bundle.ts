// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { bundleAt, type Bundle } from "../bundle.ts";

/** The id of a job's container, in a state folder of its own: no other can have it. */
export const JOB_ID = "job";

/** The bundle of the job that works for a container, inside that container's: it is removed with it, whatever happens. */
export function jobBundle({ path }: Bundle): Bundle {
  return bundleAt(join(path, JOB_ID));
}
