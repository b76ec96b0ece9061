// SPDX-License-Identifier: Apache-2.0
import { expect } from "bun:test";
import { isKnownDifference } from "../../known-differences.ts";
import type { CaseContext, CaseGroup } from "../engine-case.ts";
import { judgedCase } from "../judged-case.ts";

const LINES = 200_000;
const INPUT_BYTES = 2_000_000;
/** A word of each trap's message that every engine uses. */
const TRAP_WORDS: Readonly<Record<string, RegExp>> = {
  trap: /unreachable/i,
  "trap-memory": /out of bounds/i,
  "trap-divide": /divi/i,
  "trap-stack": /stack/i,
};
const ARGUMENTS = ["a b", "q\"u'o", "", "--dir=/", "-x", "--", "$HOME", "ünï€", "a=b"];

/** A module as a container's program. */
export const program: CaseGroup = {
  title: "A module as program",
  cases: [
    {
      name: "hello",
      title: "stdout of the module that the image names",
      check: async ({ run }) =>
        expect(await run([])).toEqual({ stdout: "hello world\n", stderr: "", exitCode: 0 }),
    },
    judgedCase("hello-stderr", "stderr, apart from stdout"),
    {
      name: "args",
      title: "arguments as they are: blanks, quotes, `--`, empty ones",
      async check({ run }) {
        const { stdout } = await run(["/args.wasm", ...ARGUMENTS]);
        // The first is the engine's to choose.
        expect(stdout.split("\n").slice(1)).toEqual([...ARGUMENTS, ""]);
      },
    },
    judgedCase("exit", "exit codes 0, 1, 42 and 255"),
    {
      name: "trap",
      title: "traps: an exit code other than 0, the reason on stderr",
      async check({ run }) {
        for (const [trap, words] of Object.entries(TRAP_WORDS)) {
          const { stderr, exitCode } = await run([`/${trap}.wasm`]);
          expect(stderr).toMatch(words);
          expect(exitCode).not.toBe(0);
        }
      },
    },
    {
      name: "named-export",
      title: "an entrypoint `module.wasm#function`, and its exit code",
      module: "named-export",
      async check({ run, engine }) {
        const { stdout, exitCode, stderr } = await run(["/named-export.wasm#greet"]);
        expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
        const blankLine = isKnownDifference(engine, "named-export", "greet") ? "\n" : "";
        expect(stdout).toBe(`from greet\n${blankLine}`);
        expect((await run(["/named-export.wasm#fail"])).exitCode).toBe(3);
      },
    },
    { name: "stdin", title: "2 MB through stdin and back", check: checkStdin },
    { name: "output", title: "200,000 lines, complete and in order", check: checkOutput },
  ],
};

async function checkStdin({ run }: CaseContext): Promise<void> {
  const stdin = Buffer.from(crypto.getRandomValues(new Uint8Array(INPUT_BYTES / 2))).toString("hex");
  const { stdout, stderr, exitCode } = await run(["/echo.wasm"], { stdin });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(stdout === stdin).toBe(true);
}

async function checkOutput({ run }: CaseContext): Promise<void> {
  const { stdout, stderr, exitCode } = await run(["/lines.wasm", String(LINES)]);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  const lines = Array.from({ length: LINES }, (_, index) => `line ${index + 1}\n`);
  if (stdout !== lines.join(""))
    throw new Error(
      `lines are lost or out of order: ${stdout.length} bytes, ${JSON.stringify(stdout.slice(-60))} last`,
    );
}
