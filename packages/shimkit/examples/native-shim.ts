// SPDX-License-Identifier: Apache-2.0
import { ociInstances, runAsItCame, runShim } from "@runwasi/containerd-shimkit";

// The whole of `containerd-shim-native-v1`: every container as its image says, by crun or runc.
const shim = {
  name: "io.containerd.native.v1",
  version: "0.1.0",
  instances: () => Promise.resolve(ociInstances(runAsItCame)),
};
await runShim(shim, process.argv.slice(2));
