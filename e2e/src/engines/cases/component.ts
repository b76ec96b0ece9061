// SPDX-License-Identifier: Apache-2.0
import { expect } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KNOWN_ADDRESS, KNOWN_NAME, serveNames } from "../../harness/name-server.ts";
import { openNetworkNamespace } from "../../harness/network-namespace.ts";
import { waitUntil } from "../../harness/wait-until.ts";
import type { CaseContext, CaseGroup } from "../engine-case.ts";
import { judgedCase } from "../judged-case.ts";

const PORT = "7000";
/** Until it listens, an engine may compile a megabyte for some seconds. */
const READY_TIMEOUT_MS = 60_000;

/** Components of WASI 0.2. */
export const component: CaseGroup = {
  title: "Components",
  cases: [
    judgedCase("component-hello", "stdout of a component"),
    {
      name: "component-args-env",
      title: "arguments and environment",
      async check({ run }) {
        const flags = ["--env", "A=1", "--env", "B=x y=z"];
        const args = ["/component-args-env.wasm", "one", "two words", ""];
        const { stdout, stderr, exitCode } = await run(args, { flags });
        expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
        const seen = stdout.split("\n").filter((line) => !/^(PATH|HOME)=/.test(line));
        expect(seen).toEqual(["one", "two words", "", "A=1", "B=x y=z", ""]);
      },
    },
    judgedCase("component-exit", "exit codes 0, 1, 42 and 255 of a component"),
    {
      name: "component-trap",
      title: "a trap: an exit code other than 0, the reason on stderr",
      async check({ run }) {
        const { stderr, exitCode } = await run(["/component-trap.wasm"]);
        expect(stderr).toMatch(/unreachable/i);
        expect(exitCode).not.toBe(0);
      },
    },
    {
      name: "component-export",
      title: "an entrypoint `component.wasm#function` with arguments, its result printed",
      async check({ run }) {
        const greeted = await run(["/component-export.wasm#greet"]);
        expect(greeted).toEqual({ stdout: '"hello from a component"\n', stderr: "", exitCode: 0 });
        const added = await run(["/component-export.wasm#add", "2", "40"]);
        expect(added).toEqual({ stdout: "42\n", stderr: "", exitCode: 0 });
      },
    },
    judgedCase("component-echo", "stdin of a component"),
    judgedCase("component-clocks", "wasi:clocks"),
    judgedCase("component-random", "wasi:random"),
    judgedCase("component-sleep", "a component that waits for a clock"),
    {
      name: "component-files",
      title: "wasi:filesystem: read, write, list",
      async check({ run }) {
        const read = await run(["/component-files.wasm", "read", "/work/note.txt"]);
        expect(read).toEqual({ stdout: "a note\n", stderr: "", exitCode: 0 });
        const written = await run(["/component-files.wasm", "write", "/work/new.txt", "text"]);
        expect(written).toEqual({ stdout: "", stderr: "", exitCode: 0 });
        const listed = await run(["/component-files.wasm", "list", "/work"]);
        expect(listed).toEqual({ stdout: "note.txt\n", stderr: "", exitCode: 0 });
      },
    },
    { name: "component-sockets", title: "wasi:sockets: listen and connect", check: checkSockets },
    {
      name: "component-lookup",
      title: "wasi:sockets: a name, by the name server of the container's `/etc/resolv.conf`",
      check: checkLookup,
    },
  ],
};

/** One container listens, the other connects, in the same network. */
async function checkSockets({ run, start }: CaseContext): Promise<void> {
  await using network = await openNetworkNamespace();
  const { flags } = network;
  await using listener = await start(["/component-sockets.wasm", "listen", PORT], { flags });
  // It says why when it cannot.
  const said = async () => (await listener.output()) || undefined;
  expect(await waitUntil("the component to listen", said, READY_TIMEOUT_MS)).toBe(`listening on ${PORT}\n`);
  const args = ["/component-sockets.wasm", "connect", "127.0.0.1", PORT, "there and back"];
  expect(await run(args, { flags })).toEqual({ stdout: "there and back", stderr: "", exitCode: 0 });
}

async function checkLookup({ run, containerd }: CaseContext): Promise<void> {
  await using network = await openNetworkNamespace();
  await using _names = await serveNames(network);
  const configuration = join(containerd.folder, "resolv.conf");
  await writeFile(configuration, "nameserver 127.0.0.1\n");
  const mount = `type=bind,src=${configuration},dst=/etc/resolv.conf,options=rbind:ro`;
  const flags = [...network.flags, "--mount", mount];
  const found = await run(["/component-sockets.wasm", "lookup", KNOWN_NAME], { flags });
  expect(found).toEqual({ stdout: `${KNOWN_ADDRESS}\n`, stderr: "", exitCode: 0 });
  const unknown = await run(["/component-sockets.wasm", "lookup", "nobody.test"], { flags });
  expect({ stdout: unknown.stdout, exitCode: unknown.exitCode }).toEqual({ stdout: "", exitCode: 1 });
}
