// SPDX-License-Identifier: Apache-2.0
import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

setDefaultTimeout(60_000);

const README = readFileSync(join(import.meta.dir, "../README.md"), "utf8");

test("the build command of the README makes the module and two images", () => {
  const [, script = "", folder = ""] = /^bun (\S+) (\S+) /m.exec(README) ?? [];
  expect(folder).toBe("dist");
  const output = mkdtempSync(join(tmpdir(), "wasi-demo-app-"));
  try {
    const command = [process.execPath, resolve(import.meta.dir, "../../..", script), output];
    expect(Bun.spawnSync(command, { stderr: "inherit" }).exitCode).toBe(0);
    expect(readdirSync(output).toSorted()).toEqual([
      "wasi-demo-app-artifact.tar",
      "wasi-demo-app-rootfs.tar",
      "wasi-demo-app.wasm",
    ]);
  } finally {
    rmSync(output, { recursive: true });
  }
});

test("the README names every command that the usage does", () => {
  const source = readFileSync(join(import.meta.dir, "../assembly/main.as"), "utf8");
  const commands = [...source.matchAll(/^ {2}([a-z]+) .{3,}$/gm)].flatMap(([line, name = ""]) =>
    /^ {2}[a-z]+ .* {2,}/.test(line) ? [name] : [],
  );
  expect(commands).toHaveLength(10);
  for (const name of commands) expect(README).toMatch(new RegExp(`\\\`${name}[ \\\`]`));
});
