// SPDX-License-Identifier: Apache-2.0
import type { JsonMap } from "../harness/spec.ts";
import type { Stage } from "./stage.ts";

/** Something that is done under runc's shim and under ours, to the same effect. */
export interface ParityCase {
  readonly name: string;
  /** Does it and answers what came out, in a form in which two right answers are equal. */
  play(stage: Stage): Promise<unknown>;
  /** A part of what comes out, so that both are not equally wrong. */
  readonly expected: object;
}

/** What a shell script in a container of some spec prints and ends with. */
export interface ShellCase {
  readonly name: string;
  readonly script: string;
  /** Over containerd's default spec; `writeSpec` says how. */
  readonly spec?: JsonMap | ((stage: Stage) => Promise<JsonMap>);
  readonly stdout: string;
  readonly exitCode?: number;
}

/** A case of one shell script. */
export function shellCase({ name, script, spec = {}, stdout, exitCode = 0 }: ShellCase): ParityCase {
  return {
    name,
    expected: { stdout, exitCode },
    async play(stage) {
      const patch = typeof spec === "function" ? await spec(stage) : spec;
      return stage.run(patch, script);
    },
  };
}

/** A container that is not made; the words of the OCI runtimes differ. */
export function refusedCase(name: string, spec: JsonMap): ParityCase {
  return {
    name,
    expected: { stdout: "", isRefused: true },
    async play(stage) {
      const { stdout, stderr } = await stage.run(spec, "echo ran");
      return { stdout, isRefused: isRefusal(stderr) };
    },
  };
}

/** Whether ctr itself says that something failed; an OCI runtime may have said so before, on the container's stderr. */
export function isRefusal(stderr: string): boolean {
  return /^ctr: /m.test(stderr);
}
