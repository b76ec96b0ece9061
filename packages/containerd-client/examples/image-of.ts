// SPDX-License-Identifier: Apache-2.0
import {
  connectContainerd,
  ContainerdError,
  contentFolder,
  imageOfContainer,
} from "@runwasi/containerd-client";

const [address = "/run/containerd/containerd.sock", id = "one"] = process.argv.slice(2);
using client = connectContainerd({ address, namespace: "default" });
try {
  const image = await imageOfContainer(client, id);
  process.stdout.write(`${id} is of ${image?.name ?? "no image"}\n`);
  process.stdout.write(`content lies in ${(await contentFolder(client)) ?? "another place"}\n`);
} catch (error) {
  if (!(error instanceof ContainerdError)) throw error;
  process.stdout.write(`${error.status}: ${error.message}\n`);
}
