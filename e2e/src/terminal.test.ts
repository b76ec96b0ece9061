// SPDX-License-Identifier: Apache-2.0
// Terminals of containers and of execs: what a program sees, and what containerd's client gets.
import { expect, test } from "bun:test";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execIn } from "./harness/exec.ts";
import { startDetached, type DetachedContainer } from "./harness/detached.ts";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName, type TestImage } from "./harness/images.ts";
import { assertNothingLeft, listPossessions } from "./harness/leftovers.ts";
import { busyboxRootfs } from "./harness/rootfs.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { connectTo, TASK } from "./harness/task-client.ts";
import { waitUntil } from "./harness/wait-until.ts";
import { moduleFiles } from "./harness/wasm-images.ts";
import { openTerminalExec } from "./harness/terminal-exec.ts";

const image = imageName("mixed");
const m = TASK.methods;
const LINES = 100_000;

async function mixedImage(): Promise<TestImage> {
  return {
    name: "mixed",
    process: { entrypoint: ["/bin/sh"], env: ["PATH=/bin"] },
    layers: [await busyboxRootfs(), await moduleFiles(["echo", "hello", "sleep"])],
  };
}

forEachShim(
  SHIMS,
  async () => [await mixedImage()],
  ({ runtime, containerd }) => {
    const sleeping = (args: readonly string[] = ["sleep", "1000"]) =>
      startDetached(containerd(), { runtime, image, args });
    const terminalIn = (container: DetachedContainer, ...args: string[]) =>
      openTerminalExec(containerd(), container, args);

    test("a program has a terminal: its name, its size, and the size that it is given later", async () => {
      await using container = await sleeping();
      await using exec = await terminalIn(container, "sh", "-c", "tty; read line; stty size; echo $line");
      await exec.printed("/dev/pts/");
      await exec.resize(97, 31);
      await exec.write("go\n");
      expect((await exec.ended()).exitStatus).toBe(0);
      expect(await exec.output()).toEndWith("go\r\n31 97\r\ngo\r\n");
    });

    test("what is printed at the very end arrives, of much and of little", async () => {
      await using container = await sleeping();
      await using little = await terminalIn(container, "echo", "only this");
      await little.ended();
      expect(await little.output()).toBe("only this\r\n");
      await using much = await terminalIn(container, "sh", "-c", `seq ${LINES}; echo last; exit 3`);
      expect((await much.ended()).exitStatus).toBe(3);
      const expected = Array.from({ length: LINES }, (_, index) => `${index + 1}\r\n`).join("");
      expect((await much.output()) === `${expected}last\r\n`).toBe(true);
    });

    test("CloseIO ends the input, of a line that has been begun too", async () => {
      await using container = await sleeping();
      await using exec = await terminalIn(container, "sh", "-c", "stty -echo; echo ready; cat; echo end");
      await exec.printed("ready");
      await exec.write("whole\nbegun");
      await exec.closeInput();
      expect((await exec.ended()).exitStatus).toBe(0);
      expect(await exec.output()).toBe("ready\r\nwhole\r\nbegunend\r\n");
    });

    test("control characters are signals to the job in front", async () => {
      await using container = await sleeping();
      await using exec = await terminalIn(
        container,
        "sh",
        "-c",
        "trap 'echo caught; exit 5' INT; echo ready; read x",
      );
      await exec.printed("ready");
      await exec.write("\u0003");
      expect((await exec.ended()).exitStatus).toBe(5);
      expect(await exec.output()).toContain("caught");
    });

    test("a reader that goes away neither stops nor kills the program", async () => {
      await using container = await sleeping();
      await using exec = await terminalIn(container, "sh", "-c", `echo ready; read x; seq ${LINES}; exit 6`);
      await exec.printed("ready");
      exec.leave();
      await exec.write("go\n");
      expect((await exec.ended()).exitStatus).toBe(6);
    });

    test("a container's own program has one with ctr run -t, and nothing of it is left", async () => {
      const id = containerd().nextId();
      const log = join(containerd().folder, `${id}.tty`);
      const argsOf = (container: string) => {
        const flags = ["run", "--rm", "--tty", "--runtime", `io.containerd.${runtime}.v1`];
        return flags.concat(image, container, "sh", "-c", "tty; stty size; echo done");
      };
      // ctr wants a terminal of its own.
      const once = async (container: string): Promise<string> => {
        const argv = containerd()
          .ctrCommand(argsOf(container))
          .map((word) => `'${word.replaceAll("'", "'\\''")}'`);
        const child = Bun.spawn(["script", "-qec", argv.join(" "), log], {
          stdio: ["ignore", "ignore", "ignore"],
        });
        const exitCode = await child.exited;
        const text = await readFile(log, "utf8");
        expect({ exitCode, text }).toMatchObject({ exitCode: 0 });
        await rm(log);
        return text;
      };
      await once(containerd().nextId());
      const before = await listPossessions(containerd());
      // Of two terminals, ctr's own and the container's, each adds to the end of a line.
      expect(await once(id)).toMatch(/\/dev\/pts\/0\r+\n[^]*done\r+\n/);
      await assertNothingLeft(containerd(), before);
    });

    test("a guest of the engine has it as its stdio", async () => {
      await using container = await sleeping(["/sleep.wasm"]);
      await using hello = await terminalIn(container, "/hello.wasm");
      expect((await hello.ended()).exitStatus).toBe(0);
      expect(await hello.output()).toBe("hello world\r\n");
      await using echo = await terminalIn(container, "/echo.wasm");
      await echo.write("typed\n");
      await echo.closeInput();
      expect((await echo.ended()).exitStatus).toBe(0);
      expect(await echo.output()).toContain("typed\r\ntyped\r\n");
    });

    test("under runc as the OCI runtime it is the same, and a program that cannot be executed is told", async () => {
      const options = join(containerd().folder, `${runtime}-runc.toml`);
      await writeFile(options, 'BinaryName = "runc"\n');
      const flags = ["--runtime-config-path", options];
      await using container = await startDetached(containerd(), {
        runtime,
        image,
        flags,
        args: ["sleep", "1000"],
      });
      await using exec = await terminalIn(container, "sh", "-c", "tty; read line; stty size");
      await exec.printed("/dev/pts/");
      await exec.resize(80, 24);
      await exec.write("go\n");
      expect((await exec.ended()).exitStatus).toBe(0);
      expect(await exec.output()).toContain("24 80\r\n");
      const wasm = await execIn(containerd(), container, { args: ["/hello.wasm"] });
      expect(wasm.stderr).toContain('"/hello.wasm" is WebAssembly');
    });

    test("ResizePty of what has no terminal does nothing, as under runc's shim", async () => {
      await using container = await sleeping();
      using client = await connectTo(containerd(), container.id);
      await client.call(TASK, m.resizePty, { id: container.id, execId: "", width: 1, height: 1 });
      await waitUntil(
        "state",
        async () => (await client.call(TASK, m.state, { id: container.id, execId: "" })).pid,
      );
    });
  },
);
