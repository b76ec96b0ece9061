// SPDX-License-Identifier: Apache-2.0
// The tests that run inside the machine, in the order in which they run.
import { beforeAll } from "bun:test";
import { runContainer } from "../../src/harness/run.ts";
import { watchLeftovers } from "./leftovers.ts";
import { machine, prepareMachine } from "./machine.ts";
import { IMAGE } from "./subjects.ts";
import "./engines.ts";
import "./cgroup2.ts";
import { SLICE } from "./systemd.ts";
import "./checkpoint.ts";
import "./user-namespaces.ts";
import "./apparmor.ts";
import "./rootless.ts";

const lookBefore = watchLeftovers();

beforeAll(async () => {
  await prepareMachine();
  // containerd, the OCI runtime and systemd keep the folders and slices that first containers need.
  for (const flags of [[], ["--cgroup", `${SLICE}:first:one`]]) {
    await runContainer(machine, { runtime: "jsc", image: IMAGE, args: ["true"], flags });
  }
  await lookBefore();
});
