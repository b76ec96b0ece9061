// SPDX-License-Identifier: Apache-2.0
export { DIST, startContainerd, type Containerd, type ContainerdOptions } from "./harness/containerd.ts";
export { importImages, imageName, type TestImage } from "./harness/images.ts";
export { withLibraries } from "./harness/programs.ts";
export { busyboxRootfs, BASE_FOLDERS } from "./harness/rootfs.ts";
export { openNodeConfig } from "./harness/node-config.ts";
export { runContainer, type Run } from "./harness/run.ts";
export { runtimeName, type Runtime } from "./harness/runtimes.ts";
export { startCriNode, type CriNode } from "./cri/cri-node.ts";
export { runPod, type ContainerSetting, type Pod } from "./cri/pod.ts";
export { openMountNamespace } from "./harness/mount-namespace.ts";
export type { ContainerdVersion } from "../../scripts/toolchain/containerd.ts";
