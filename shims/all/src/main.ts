import { runShim, ociInstances, runAsItCame } from "@runwasi/containerd-shimkit";
void runShim(
  { name: "io.containerd.jsc.v1", version: "0.1.0", createInstance: ociInstances(runAsItCame) },
  process.argv.slice(2),
);
