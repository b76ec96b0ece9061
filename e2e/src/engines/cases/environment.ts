// SPDX-License-Identifier: Apache-2.0
import { expect } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commandLinesWith } from "../../harness/command-lines.ts";
import { isKnownDifference } from "../../known-differences.ts";
import type { CaseContext, CaseGroup } from "../engine-case.ts";

/** As they are, with what a shell or an option parser would take apart. */
const PLAIN = ["A=b=c d", "EMPTY=", "QUOTE='\"", "UMLAUT=ü"];
/** Each steers the loader or some engine, were it in the engine's own environment. */
const STEERING = [
  "LD_PRELOAD=/guest.so",
  "BUN_OPTIONS=--inspect",
  "WASMER_DIR=/guest",
  "WASMTIME_BACKTRACE_DETAILS=1",
  "RUST_LOG=trace",
  "LOG_FORMAT=guest",
];

/** A guest's environment, which the engine must not obey. */
export const environment: CaseGroup = {
  title: "Environment",
  cases: [
    {
      name: "env",
      title: "variables as they are, and none but the container's",
      module: "env",
      check: (context) => checkVariables(context, PLAIN),
    },
    {
      name: "env-steering",
      title: "`LD_PRELOAD`, `RUST_LOG` and the like reach the guest and nothing else",
      async check(context) {
        await checkVariables(context, STEERING);
        await using container = await context.start(["/sleep.wasm"], { flags: envFlags(STEERING) });
        await container.printed("sleeping");
        const own = (await readFile(`/proc/${container.pid}/environ`, "utf8")).split("\0");
        expect(own.filter((variable) => STEERING.includes(variable))).toEqual([]);
        expect(await container.output()).toBe("sleeping\n");
      },
    },
    { name: "env-secret", title: "a value is on no command line of the host", check: checkSecret },
  ],
};

function envFlags(variables: readonly string[]): string[] {
  return variables.flatMap((variable) => ["--env", variable]);
}

async function checkVariables({ run, engine }: CaseContext, given: readonly string[]): Promise<void> {
  const { stdout, stderr, exitCode } = await run(["/env.wasm"], { flags: envFlags(given) });
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  // ctr gives every container a PATH and the OCI runtime a HOME.
  const besides = isKnownDifference(engine, "env", "none but the container's")
    ? /^(PATH|HOME|WASMER_DIR)=/
    : /^(PATH|HOME)=/;
  const seen = stdout
    .split("\n")
    .filter((line) => line !== "" && (given.includes(line) || !besides.test(line)));
  expect(seen.toSorted()).toEqual(given.toSorted());
}

async function checkSecret({ run, start, containerd, engine }: CaseContext): Promise<void> {
  const secret = crypto.randomUUID();
  const file = join(containerd.folder, `${engine}-secret`);
  await writeFile(file, `SECRET=${secret}\n`);
  const flags = ["--env-file", file];
  expect((await run(["/env.wasm"], { flags })).stdout).toContain(`SECRET=${secret}\n`);
  const lines = await commandLinesWith(secret, async () => {
    await using container = await start(["/sleep.wasm"], { flags });
    await container.printed("sleeping");
  });
  if (lines.length > 0) throw new Error(`the secret is on ${lines.length} command lines: ${lines[0]}`);
}
