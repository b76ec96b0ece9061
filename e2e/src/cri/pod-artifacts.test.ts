// SPDX-License-Identifier: Apache-2.0
// Images of Wasm layers, without a rootfs, pulled through CRI and run in a pod beside a native container.
import { beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { testModule } from "@runwasi/test-modules";
import { mustRun } from "../harness/command.ts";
import { IMAGES } from "./cri-client.ts";
import { firstAnswer } from "./first-answer.ts";
import { runPod } from "./pod.ts";
import { forEachPodShim } from "./shared-node.ts";

const BUILDER = resolve(import.meta.dir, "../../../tools/oci-tar-builder/src/main.ts");

forEachPodShim(({ handler, node, containers }) => {
  /** Packs a test module and puts it into the registry; answers its name there. */
  async function push(format: string, module: string, flags: readonly string[] = []): Promise<string> {
    const { folder } = node().containerd;
    const [file, archive] = [join(folder, `${module}.wasm`), join(folder, `${format}-${module}.tar`)];
    await writeFile(file, await testModule(module));
    const name = `${format}-${module}:1.0`;
    const output = ["--name", `registry.test/${name}`, "--output", archive];
    await mustRun([process.execPath, BUILDER, "--format", format, ...output, ...flags, file]);
    await node().registry.push(archive, "1.0", name);
    return `registry.test/${name}`;
  }

  const pull = (image: string) => node().cri.images(IMAGES.pullImage, { image: { image } });
  const names = { artifact: "", server: "", layers: "" };

  beforeAll(async () => {
    names.artifact = await push("artifact", "hello");
    names.server = await push("artifact", "component-http-hello");
    names.layers = await push("layers", "env", ["--env", "FROM=image"]);
  });

  test("a wasm artifact runs, under the command that its pod gives it", async () => {
    await pull(names.artifact);
    await using pod = await runPod(node(), handler);
    const app = await pod.start({ name: "app", image: names.artifact, command: ["/hello.wasm"] });
    expect(await app.exited()).toMatchObject({ exitCode: 0, reason: "Completed" });
    await app.printed("hello world");
    // An artifact has no command of its own, and without any CRI makes no container.
    const refused = await pod
      .create({ name: "bare", image: names.artifact })
      .catch((error: unknown) => error);
    expect(String(refused)).toContain("no command specified");
  });

  test("an artifact that serves HTTP is reached by the native sidecar", async () => {
    await pull(names.server);
    await using pod = await runPod(node(), handler);
    await pod.start({ name: "app", image: names.server, command: ["/component-http-hello.wasm"] });
    await firstAnswer(node(), `http://${await pod.ip()}:8080/`);
    const sidecar = await pod.start(containers.shell("sleep 1000"));
    const { stdout } = await sidecar.execSync(["wget", "-qO-", "http://localhost:8080/"]);
    expect(stdout.trim()).toBe("hello");
  });

  test("an image of wasm layers runs with the command and environment of its configuration", async () => {
    await pull(names.layers);
    await using pod = await runPod(node(), handler);
    const envs = [{ key: "OF", value: "pod" }];
    const app = await pod.start({ name: "app", image: names.layers, envs });
    expect((await app.exited()).exitCode).toBe(0);
    const lines = (await app.log()).map(({ text }) => text);
    expect(lines).toEqual(expect.arrayContaining(["FROM=image", "OF=pod"]));
  });

  // docs/operators.md says so; when containerd pulls one, that has to be said instead.
  test("an index that has nothing for the node's own platform is not pulled by containerd", async () => {
    await node().registry.pushIndex("layers-env:index", ["1.0"]);
    const outcome = await pull("registry.test/layers-env:index").catch((error: unknown) => error);
    expect(String(outcome)).toContain("no match for platform");
  });
});
