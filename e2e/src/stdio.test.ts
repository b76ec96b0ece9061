// SPDX-License-Identifier: Apache-2.0
// Output arrives complete and in order, input goes in whole, wherever containerd sends them.
import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { forEachShim } from "./harness/for-each-shim.ts";
import { imageName } from "./harness/images.ts";
import { busyboxImage } from "./harness/native-images.ts";
import { inputOptions, runArguments, runContainer } from "./harness/run.ts";
import { NATIVE_RUNTIMES } from "./harness/runtimes.ts";
import { waitUntil } from "./harness/wait-until.ts";

const LINES = 500_000;
const INPUT_BYTES = 10_000_000;
const image = imageName("busybox");
const expectedLines = Array.from({ length: LINES }, (_, index) => `${index + 1}\n`).join("");

forEachShim(
  NATIVE_RUNTIMES,
  async () => [await busyboxImage()],
  ({ runtime, containerd }) => {
    test("500,000 lines arrive complete and in order on stdout and on stderr", async () => {
      const args = ["sh", "-c", `seq ${LINES} & seq ${LINES} >&2; wait`];
      const { stdout, stderr, exitCode } = await runContainer(containerd(), { runtime, image, args });
      expect(exitCode).toBe(0);
      // Not toBe: a failure would print megabytes.
      expect(stdout === expectedLines).toBe(true);
      expect(stderr === expectedLines).toBe(true);
    });

    test("10 MB go through stdin and come back", async () => {
      const stdin = randomBytes(INPUT_BYTES);
      const id = containerd().nextId();
      const run = { runtime, image, id, stdin, args: ["cat"], flags: ["--rm"] };
      const result = await containerd().ctrForBytes(
        runArguments(containerd(), run),
        inputOptions(containerd(), id, run),
      );
      expect(result.exitCode).toBe(0);
      expect(Buffer.compare(result.stdout, stdin)).toBe(0);
    });

    test("a container whose stdin is closed reads its end", async () => {
      const run = { runtime, image, args: ["sh", "-c", "cat; echo ended"], stdin: "" };
      expect(await runContainer(containerd(), run)).toEqual({ stdout: "ended\n", stderr: "", exitCode: 0 });
    });

    test("a container that never reads its stdin ends all the same", async () => {
      const run = { runtime, image, args: ["sh", "-c", "exit 4"], stdin: randomBytes(200_000) };
      expect((await runContainer(containerd(), run)).exitCode).toBe(4);
    });

    test("--null-io leaves the exit code", async () => {
      const run = {
        runtime,
        image,
        flags: ["--null-io"],
        args: ["sh", "-c", "echo out; echo err >&2; exit 6"],
      };
      expect(await runContainer(containerd(), run)).toEqual({ stdout: "", stderr: "", exitCode: 6 });
    });

    test("a file:// log holds both streams", async () => {
      const log = join(containerd().folder, `${runtime}-file.log`);
      const flags = ["--log-uri", `file://${log}`];
      const args = ["sh", "-c", `echo out; seq ${LINES}; echo err >&2`];
      expect((await runContainer(containerd(), { runtime, image, flags, args })).exitCode).toBe(0);
      const text = await waitUntil("log to be whole", async () => {
        const written = await readFile(log, "utf8");
        return written.length === expectedLines.length + "out\nerr\n".length ? written : undefined;
      });
      // Two streams of one container are in order each, not with one another.
      expect(text.includes("err\n")).toBe(true);
      expect(text.replace("err\n", "") === `out\n${expectedLines}`).toBe(true);
    });

    test("a binary:// logger is told the container and gets both streams", async () => {
      const logger = join(containerd().folder, `${runtime}-logger`);
      const script = [
        "#!/bin/sh",
        `printf '%s ' "$CONTAINER_ID" "$CONTAINER_NAMESPACE" "$@" >${logger}.env`,
        "exec 5>&-",
        "trap '' TERM",
        `cat <&3 >${logger}.out &`,
        `cat <&4 >${logger}.err &`,
        "wait",
        `echo >>${logger}.env`,
        "",
      ];
      await writeFile(logger, script.join("\n"));
      await chmod(logger, 0o755);
      const id = containerd().nextId();
      const flags = ["--log-uri", `binary://${logger}?mode=all`];
      const args = ["sh", "-c", "echo out; echo err >&2; exit 3"];
      expect((await runContainer(containerd(), { runtime, image, id, flags, args })).exitCode).toBe(3);
      const told = await waitUntil("logger to end", async () => {
        const text = await readFile(`${logger}.env`, "utf8");
        return text.endsWith("\n") ? text : undefined;
      });
      expect(told.trim()).toBe(`${id} ${containerd().namespace} mode all`);
      expect(await readFile(`${logger}.out`, "utf8")).toBe("out\n");
      expect(await readFile(`${logger}.err`, "utf8")).toBe("err\n");
    });
  },
);
