// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testModule } from "@runwasi/test-modules";

const RUN_GUEST = join(import.meta.dir, "testing/run-guest.ts");
const LINES = 500_000;
const folder = mkdtempSync(join(tmpdir(), "wasi-stdio-"));

beforeAll(async () => {
  for (const name of ["lines", "echo", "sleep"]) writeFileSync(join(folder, name), await testModule(name));
});
afterAll(() => rmSync(folder, { recursive: true }));

function command(name: string, args: readonly string[], options: readonly string[] = []): string[] {
  return [process.execPath, RUN_GUEST, ...options, join(folder, name), ...args];
}

function lines(count: number, step = 1, first = 1): string {
  return Array.from(
    { length: Math.ceil((count - first + 1) / step) },
    (_, index) => `line ${first + index * step}\n`,
  ).join("");
}

test("500,000 lines arrive complete and in order", async () => {
  const guest = Bun.spawn(command("lines", [String(LINES)]), { stdout: "pipe", stderr: "inherit" });
  const stdout = await guest.stdout.text();
  expect(await guest.exited).toBe(0);
  expect(stdout === lines(LINES)).toBe(true);
});

test("lines to a pipe that is non-blocking and read slowly arrive complete and in order", async () => {
  const guest = Bun.spawn(command("lines", ["100000"], ["--non-blocking"]), {
    stdout: "pipe",
    stderr: "inherit",
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of guest.stdout) {
    chunks.push(chunk);
    if (chunks.length < 10) await Bun.sleep(10); // lets the pipe fill up, so that writes meet EAGAIN
  }
  expect(await guest.exited).toBe(0);
  expect(Buffer.concat(chunks).toString() === lines(100_000)).toBe(true);
});

test("stdout and stderr keep their order when they are the same pipe", async () => {
  const shell = ["sh", "-c", 'exec "$@" 2>&1', "sh", ...command("lines", ["20000", "both"])];
  const guest = Bun.spawn(shell, { stdout: "pipe" });
  expect((await guest.stdout.text()) === lines(20_000)).toBe(true);
});

test("10 MB go through stdin and stdout unchanged", async () => {
  const data = crypto.getRandomValues(new Uint8Array(65_536));
  const all = Buffer.concat(Array.from({ length: 160 }, () => data));
  const guest = Bun.spawn(command("echo", []), { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  void guest.stdin.write(all);
  void guest.stdin.end();
  const echoed = Buffer.from(await guest.stdout.bytes());
  expect(await guest.exited).toBe(0);
  expect(echoed.equals(all)).toBe(true);
});

for (const options of [[], ["--non-blocking"]]) {
  test(`stdin is waited for until its end (${options[0] ?? "blocking"})`, async () => {
    const guest = Bun.spawn(command("echo", [], options), {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
    });
    const reader = guest.stdout.getReader();
    for (const text of ["first", "second"]) {
      await guest.stdin.write(text);
      await guest.stdin.flush();
      const { value } = await reader.read();
      expect(new TextDecoder().decode(value)).toBe(text);
    }
    void guest.stdin.end();
    expect((await reader.read()).done).toBe(true);
    expect(await guest.exited).toBe(0);
  });
}

test("a guest whose reader is gone gets PIPE and goes on to its own end", async () => {
  const shell = ["sh", "-c", '"$@"; echo "exit $?" >&2', "sh", ...command("lines", ["1000000"])];
  const guest = Bun.spawn(shell, { stdout: "pipe", stderr: "pipe" });
  const reader = guest.stdout.getReader();
  await reader.read();
  await reader.cancel();
  expect(await guest.stderr.text()).toBe("exit 1\n");
});

test("SIGTERM ends a sleeping guest", async () => {
  const guest = Bun.spawn(command("sleep", []), { stdout: "pipe" });
  await guest.stdout.getReader().read();
  guest.kill("SIGTERM");
  await guest.exited;
  expect(guest.signalCode).toBe("SIGTERM");
});
