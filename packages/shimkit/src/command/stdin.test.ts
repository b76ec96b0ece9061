// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect, test } from "bun:test";

async function readStdinIn(script: string): Promise<string> {
  const module = join(import.meta.dir, "stdin.ts");
  const program = `const { readStdin } = await import(${JSON.stringify(module)});
    try { console.log(readStdin().length); } catch (error) { console.log(error.code); }`;
  const child = Bun.spawn(["sh", "-c", script], {
    env: { PATH: process.env["PATH"] ?? "", BUN: process.execPath, PROGRAM: program },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return (await new Response(child.stdout).text()).trim();
}

test("readStdin() reads all of an empty, a slow and a large stdin, and refuses more than 10 MiB", async () => {
  const run = '"$BUN" -e "$PROGRAM"';
  const results = await Promise.all([
    readStdinIn(`${run} < /dev/null`),
    readStdinIn(`(printf abc; sleep 0.05; printf def) | ${run}`),
    readStdinIn(`head -c 10485760 /dev/zero | ${run}`),
    readStdinIn(`head -c 10485761 /dev/zero | ${run}`),
  ]);
  expect(results).toEqual(["0", "6", "10485760", "ResourceExhausted"]);
});
