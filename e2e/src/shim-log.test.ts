// SPDX-License-Identifier: Apache-2.0
// What the shims write into containerd's own log.
import { describe, expect, test } from "bun:test";
import { startContainerd, type Containerd } from "./harness/containerd.ts";
import { startDetached } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName, importImages, type TestImage } from "./harness/images.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { BASE_FOLDERS } from "./harness/rootfs.ts";
import { runContainer } from "./harness/run.ts";
import { runtimeName, SHIMS } from "./harness/runtimes.ts";
import { connectTo, refusal, TASK } from "./harness/task-client.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { wasmImage } from "./harness/wasm-images.ts";

const native = imageName("busybox");
const wasm = imageName("wasm");
const strange = imageName("strange");
const images = async (): Promise<TestImage[]> => [
  await busyboxImage(),
  await wasmImage("wasm", ["hello", "truncated"]),
  {
    name: "strange",
    process: { entrypoint: ["/strange"] },
    layers: [
      [...BASE_FOLDERS, { kind: "file", path: "strange", content: "\u0001\u0002\u0003", mode: 0o755 }],
    ],
  },
];

forEachShim(SHIMS, images, ({ version, runtime, containerd }) => {
  /** The lines of our shims about a container. */
  async function linesOf(of: Containerd, id: string): Promise<string[]> {
    const about = `runtime=${runtimeName(runtime)} namespace=${of.namespace} id=${id}`;
    return (await of.log()).split("\n").filter((line) => line.includes(about));
  }

  const lineWith = (of: Containerd, id: string, words: string) =>
    waitUntil(`"${words}" about ${id} in containerd's log`, async () =>
      (await linesOf(of, id)).find((line) => line.includes(words)),
    );

  describe("what keeps a container from starting", () => {
    test("is a line of level error with runtime, namespace and id", async () => {
      const id = containerd().nextId();
      await runContainer(containerd(), { runtime, image: wasm, id, args: ["/truncated.wasm"] });
      const line = await lineWith(containerd(), id, "/truncated.wasm");
      expect(line).toMatch(/^time="[^"]+" level=error msg="/);
    });

    test("is there for what the OCI runtime and the mounts refuse, too", async () => {
      const [missing, unmountable] = [containerd().nextId(), containerd().nextId()];
      await runContainer(containerd(), { runtime, image: native, id: missing, args: ["/nope"] });
      expect(await lineWith(containerd(), missing, "/nope")).toContain("level=error");
      const flags = ["--mount", "type=bind,src=/nope/source,dst=/work,options=rbind"];
      await runContainer(containerd(), { runtime, image: native, id: unmountable, flags, args: ["true"] });
      expect(await lineWith(containerd(), unmountable, "/nope/source")).toContain("level=error");
    });

    test("is there when it shows at start only", async () => {
      const id = containerd().nextId();
      const { stderr } = await runContainer(containerd(), { runtime, image: strange, id });
      expect(stderr).toContain("/strange");
      const line = await lineWith(containerd(), id, "/strange");
      expect(line).toContain("level=error");
      expect(line).toContain("01 02 03");
    });

    test("cannot end its line and begin another, whatever the image calls its program", async () => {
      const id = containerd().nextId();
      const forged = `/nope\ntime="2026-01-01T00:00:00Z" level=fatal msg=forged-by-${runtime}\r\u001b[31m`;
      await runContainer(containerd(), { runtime, image: native, id, args: [`${forged}" id=other`] });
      await lineWith(containerd(), id, "/nope");
      const lines = (await containerd().log())
        .split("\n")
        .filter((line) => line.includes(`forged-by-${runtime}`));
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        expect(line).not.toMatch(/^time="2026-01-01/);
        // oxlint-disable-next-line no-control-regex -- what a terminal would act on
        expect(line).not.toMatch(/[\r\u001b]/);
      }
    });
  });

  describe("debug lines", () => {
    test("are absent while containerd does not debug", async () => {
      const id = containerd().nextId();
      await runContainer(containerd(), { runtime, image: native, id, args: ["true"] });
      await runContainer(containerd(), { runtime, image: wasm, id: containerd().nextId(), args: ["/none"] });
      expect(await linesOf(containerd(), id)).toEqual([]);
      const ours = (await containerd().log())
        .split("\n")
        .filter((line) => line.includes(runtimeName(runtime)));
      expect(ours.filter((line) => line.includes("level=debug"))).toEqual([]);
    });

    test("are there when it does", async () => {
      await using debugging = await startContainerd({ version, debug: true });
      await importImages(debugging, await images());
      const id = debugging.nextId();
      await runContainer(debugging, { runtime, image: native, id, args: ["true"] });
      expect(await lineWith(debugging, id, "created ")).toContain("level=debug");
      expect(await lineWith(debugging, id, "has stopped")).toContain("level=debug");
    });
  });

  describe("a pod whose first container is deleted", () => {
    const args = ["sleep", "1000"];

    test("logs on for the others, and serves them as before", async () => {
      await using debugging = await startContainerd({ version, debug: true });
      await importImages(debugging, await images());
      const flags = ["--annotation", `io.kubernetes.cri.sandbox-id=${debugging.nextId()}`];
      const run = { runtime, image: native, args, flags };
      const first = await startDetached(debugging, run);
      await using second = await startDetached(debugging, run);
      await first[Symbol.asyncDispose](); // its bundle goes, and with it the FIFO that the daemon itself logs to
      using client = await connectTo(debugging, second.id);
      // Each of these makes the daemon write a line of its own: more than a FIFO holds.
      for (let count = 0; count < 1000; count += 1) {
        await refusal(client.call(TASK, TASK.methods.state, { id: `${"x".repeat(70)}${count}`, execId: "" }));
      }
      await second.kill("--signal", "SIGKILL");
      expect(await second.deleted()).toBe(137);
      expect(await lineWith(debugging, second.id, "has stopped")).toContain("level=debug");
    });
  });
});
