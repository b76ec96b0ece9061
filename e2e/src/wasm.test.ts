// SPDX-License-Identifier: Apache-2.0
// A module as a container's program: output, input, exit code, arguments and environment.
import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { writeRootfs } from "./harness/rootfs.ts";
import { inputOptions, runArguments, runContainer } from "./harness/run.ts";
import { SHIMS } from "./harness/runtimes.ts";
import { isKnownDifference } from "./known-differences.ts";
import { moduleFiles, wasmImage } from "./harness/wasm-images.ts";

const LINES = 500_000;
const INPUT_BYTES = 10_000_000;
const TRAPS = ["trap", "trap-memory", "trap-divide", "trap-stack"] as const;
/** A word of each trap's message that every engine uses. */
const TRAP_WORDS: Record<(typeof TRAPS)[number], RegExp> = {
  trap: /unreachable/i,
  "trap-memory": /out of bounds/i,
  "trap-divide": /divi/i,
  "trap-stack": /stack/i,
};
const MODULES = ["hello", "hello-stderr", "exit", "lines", "echo", "args", "env", "named-export", ...TRAPS];
const image = imageName("wasm");
const wordsOf = (lines: number, keep: (line: number) => boolean) =>
  Array.from({ length: lines }, (_, index) => index + 1)
    .filter(keep)
    .map((line) => `line ${line}\n`)
    .join("");

forEachShim(
  SHIMS,
  async () => [await wasmImage("wasm", MODULES)],
  ({ runtime, containerd }) => {
    test("the module that an image names as entrypoint runs", async () => {
      expect(await runContainer(containerd(), { runtime, image })).toEqual({
        stdout: "hello world\n",
        stderr: "",
        exitCode: 0,
      });
    });

    test("stderr is kept apart from stdout", async () => {
      expect(await runContainer(containerd(), { runtime, image, args: ["/hello-stderr.wasm"] })).toEqual({
        stdout: "",
        stderr: "hello stderr\n",
        exitCode: 0,
      });
    });

    test.each([0, 1, 42, 125])("exit code %d", async (status) => {
      const args = ["/exit.wasm", String(status)];
      expect(await runContainer(containerd(), { runtime, image, args })).toEqual({
        stdout: "",
        stderr: "",
        exitCode: status,
      });
    });

    test("exit code 255", async () => {
      const { stderr, exitCode } = await runContainer(containerd(), {
        runtime,
        image,
        args: ["/exit.wasm", "255"],
      });
      if (isKnownDifference(runtime, "exit", "255")) {
        expect(stderr).toContain("invalid exit status");
        expect(exitCode).toBe(1);
      } else {
        expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 255 });
      }
    });

    test.each([...TRAPS])("%s gives a non-zero exit code and its message on stderr", async (trap) => {
      const { stderr, exitCode } = await runContainer(containerd(), {
        runtime,
        image,
        args: [`/${trap}.wasm`],
      });
      expect(exitCode).not.toBe(0);
      expect(stderr).toMatch(TRAP_WORDS[trap]);
    });

    test("500,000 lines arrive complete and in order", async () => {
      const args = ["/lines.wasm", String(LINES)];
      const { stdout, stderr, exitCode } = await runContainer(containerd(), { runtime, image, args });
      expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
      expect(stdout === wordsOf(LINES, () => true)).toBe(true);
    });

    test("lines on both streams arrive complete and in order on each", async () => {
      const args = ["/lines.wasm", "100000", "both"];
      const { stdout, stderr, exitCode } = await runContainer(containerd(), { runtime, image, args });
      expect(exitCode).toBe(0);
      expect(stdout === wordsOf(100_000, (line) => line % 2 === 1)).toBe(true);
      expect(stderr === wordsOf(100_000, (line) => line % 2 === 0)).toBe(true);
    });

    test("10 MB go through stdin and come back", async () => {
      const stdin = randomBytes(INPUT_BYTES);
      const id = containerd().nextId();
      const run = { runtime, image, id, stdin, args: ["/echo.wasm"], flags: ["--rm"] };
      const result = await containerd().ctrForBytes(
        runArguments(containerd(), run),
        inputOptions(containerd(), id, run),
      );
      expect(result.exitCode).toBe(0);
      expect(Buffer.compare(result.stdout, stdin)).toBe(0);
    });

    test("arguments arrive as they are, with spaces, quotes and nothing in them", async () => {
      const given = ["a b", "q\"u'o", "", "--dir=/", "-x", "--", "$HOME", "ünï€", "a=b"];
      const { stdout } = await runContainer(containerd(), { runtime, image, args: ["/args.wasm", ...given] });
      expect(stdout).toBe(["/args.wasm", ...given, ""].join("\n"));
    });

    test("environment variables arrive as they are, with = and spaces in them", async () => {
      const given = ["A=b=c d", "EMPTY=", "QUOTE='\"", "UMLAUT=ü"];
      const flags = given.flatMap((variable) => ["--env", variable]);
      const { stdout } = await runContainer(containerd(), { runtime, image, flags, args: ["/env.wasm"] });
      const seen = stdout.trimEnd().split("\n");
      expect(seen.filter((line) => given.includes(line)).sort()).toEqual(given.toSorted());
      // ctr gives every container a PATH and the OCI runtime a HOME; nothing of the shim's or the engine's own.
      expect(seen.filter((line) => !given.includes(line) && !/^(PATH|HOME)=/.test(line))).toEqual([]);
    });

    describe("an entrypoint path#function", () => {
      test("calls that function instead of _start", async () => {
        const run = { runtime, image, args: ["/named-export.wasm#greet"] };
        const { stdout, exitCode } = await runContainer(containerd(), run);
        expect(exitCode).toBe(0);
        expect(stdout).not.toContain("from _start");
        expect(stdout).not.toBe("");
      });

      test("ends with the exit code that the function asks for", async () => {
        const run = { runtime, image, args: ["/named-export.wasm#fail"] };
        expect((await runContainer(containerd(), run)).exitCode).toBe(3);
      });
    });

    test("a module in a volume runs by absolute path, relative path and PATH", async () => {
      const folder = join(containerd().folder, `${runtime}-modules`);
      await writeRootfs(folder, [
        ...(await moduleFiles(["hello"])),
        { kind: "symlink", path: "link.wasm", target: "/vol/hello.wasm" },
      ]);
      const flags = ["--mount", `type=bind,src=${folder},dst=/vol,options=rbind:ro`];
      const ways: readonly { readonly program: string; readonly flags: readonly string[] }[] = [
        { program: "/vol/hello.wasm", flags: [] },
        { program: "/vol/link.wasm", flags: [] },
        { program: "./hello.wasm", flags: ["--cwd", "/vol"] },
        { program: "../vol/hello.wasm", flags: ["--cwd", "/work"] },
        { program: "hello.wasm", flags: ["--env", "PATH=/bin:/vol"] },
      ];
      for (const way of ways) {
        const run = { runtime, image, flags: [...flags, ...way.flags], args: [way.program] };
        const result = await runContainer(containerd(), run);
        expect({ ...way, ...result }).toEqual({ ...way, stdout: "hello world\n", stderr: "", exitCode: 0 });
      }
    });
  },
);
