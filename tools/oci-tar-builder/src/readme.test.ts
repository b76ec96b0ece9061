// SPDX-License-Identifier: Apache-2.0
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testModule } from "@runwasi/test-modules";
import { HELP } from "./help.ts";

setDefaultTimeout(20_000);

const README = readFileSync(join(import.meta.dir, "../README.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "oci-tar-builder-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "app.wasm"), await testModule("hello"));
writeFileSync(join(folder, "notes.txt"), "notes\n");

const block = (language: string) =>
  new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s").exec(README)?.[1] ?? "";

test("the commands in the README run", () => {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const main = join(import.meta.dir, "main.ts");
  writeFileSync(join(bin, "oci-tar-builder"), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, {
    mode: 0o755,
  });
  const PATH = `${bin}:${process.env["PATH"] ?? ""}`;
  const { exitCode, stdout } = Bun.spawnSync(["sh", "-euc", block("sh")], {
    cwd: folder,
    env: { ...process.env, PATH },
    stderr: "inherit",
  });
  expect(exitCode).toBe(0);
  expect(stdout.toString().replaceAll(/[0-9a-f]{64}/g, "…")).toBe(
    "sha256:… example.org/app:1.0\nsha256:… example.org/two:latest\nsha256:… example.org/app:rootfs\n",
  );
  const archives = readdirSync(folder).filter((name) => name.endsWith(".tar"));
  expect(archives.toSorted()).toEqual(["app.tar", "nothing.tar", "rootfs.tar", "two.tar"]);
});

test("the library's example in the README runs", () => {
  const example = block("ts").replaceAll("@runwasi/oci-tar-builder", join(import.meta.dir, "index.ts"));
  const { exitCode, stdout } = Bun.spawnSync([process.execPath, "-e", example], {
    cwd: folder,
    stderr: "inherit",
  });
  expect(exitCode).toBe(0);
  expect(stdout.toString()).toBe("module example.org/nothing:1.0 example.org/nothing:latest\n");
});

test("every option of the README is one of --help", () => {
  const own = README.split("## Coming from")[0] ?? "";
  const options = own
    .matchAll(/oci-tar-builder (?:[^\n`]|\\\n)*/g)
    .flatMap(([command]) => command.match(/ --?[a-z-]+/g) ?? []);
  for (const option of options) expect(HELP).toContain(option.trim());
});
