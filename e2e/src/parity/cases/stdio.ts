// SPDX-License-Identifier: Apache-2.0
// Input, terminals and logs.
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runtimeName } from "../../harness/runtimes.ts";
import { writeSpecFor } from "../../harness/spec.ts";
import { waitUntil } from "../../harness/wait-until.ts";
import type { ParityCase } from "../parity-case.ts";

const LOG_LINES = "echo out; echo err >&2; seq 1000";

export const STDIO_CASES: readonly ParityCase[] = [
  {
    name: "input goes in whole, and its end is seen",
    expected: { stdout: "one\ntwo\nend\n", exitCode: 3 },
    play: ({ run }) => run({}, "cat; echo end; exit 3", { stdin: "one\ntwo\n" }),
  },
  {
    name: "a terminal has the size of the client's, and one stream",
    expected: { text: "27 91\nout\nerr", exitCode: 5 },
    async play({ containerd, runtime, id, folder, rootfs }) {
      // The client says its size when the program runs already, and of what is printed at the very end runc's shim may lose some.
      const wait = "until stty size 2>/dev/null | grep -q 27; do sleep 0.05; done";
      const args = ["sh", "-c", `${wait}; stty size; echo out; echo err >&2; sleep 1; exit 5`];
      const process = { args, env: ["PATH=/bin"], terminal: true };
      const { flags } = await writeSpecFor(containerd, { id, rootfs }, { process });
      const run = ["run", "--rm", "--tty", "--runtime", runtimeName(runtime), ...flags, id];
      const log = join(folder, "terminal");
      // ctr wants a terminal of its own.
      const command = `stty rows 27 cols 91; ${containerd.ctrCommand(run).join(" ")}`;
      const child = Bun.spawn(["script", "-qec", command, log], { stdio: ["ignore", "ignore", "ignore"] });
      const exitCode = await child.exited;
      return { text: printedIn(await readFile(log, "utf8")), exitCode };
    },
  },
  {
    name: "a file:// log is appended to, in folders that are made",
    expected: { lines: 1004 },
    async play(stage) {
      const log = join(stage.folder, "made", "below", "log");
      const flags = ["--log-uri", `file://${log}`];
      const first = await stage.run({}, LOG_LINES, { flags });
      const second = await stage.run({}, "echo more; exit 2", { flags });
      const text = await waitUntil("the log to end", async () => {
        const written = await readFile(log, "utf8");
        return written.includes("more\n") && written.includes("1000\n") ? written : undefined;
      });
      return { lines: text.split("\n").length, codes: [first.exitCode, second.exitCode] };
    },
  },
  {
    name: "a binary:// logger gets its arguments and both streams",
    expected: { out: 1001, err: "err\n", told: "mode all" },
    async play(stage) {
      const logger = join(stage.folder, "logger");
      const to = (name: string) => join(stage.folder, name);
      await writeFile(
        logger,
        `#!/bin/sh
trap '' TERM
exec 5>&-
cat <&3 >${to("out")} & cat <&4 >${to("err")} & wait
echo "$@" >${to("told")}.part && mv ${to("told")}.part ${to("told")}
`,
      );
      await chmod(logger, 0o755);
      const flags = ["--log-uri", `binary://${logger}?mode=all`];
      const { exitCode } = await stage.run({}, LOG_LINES, { flags });
      const read = (name: string) => readFile(to(name), "utf8");
      const told = await waitUntil("the logger to end", () => read("told").catch(() => undefined));
      return {
        told: told.trim(),
        out: (await read("out")).trimEnd().split("\n").length,
        err: await read("err"),
        exitCode,
      };
    },
  },
  {
    name: "a logger that is not there, and one that is none, refuse the task",
    expected: { missing: true, unknown: true },
    async play({ run }) {
      const isRefused = async (uri: string) =>
        (await run({}, "true", { flags: ["--log-uri", uri] })).exitCode !== 0;
      return { missing: await isRefused("binary:///not/there"), unknown: await isRefused("nope:///x") };
    },
  },
];

/** What a terminal showed, of what script(1) has written: `^@` is the end of its input; each terminal adds to the end of a line. */
function printedIn(log: string): string {
  return log
    .replace(/^[^]*?\^@/, "")
    .replace(/\n\nScript done[^]*$/, "")
    .replaceAll(/\r+\n/g, "\n")
    .trimEnd();
}
