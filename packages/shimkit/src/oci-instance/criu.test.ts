// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { createTemporaryFolder } from "@runwasi/oci-runtime/testing/temporary-folder.ts";
import { bundleAt } from "../bundle.ts";
import { ShimError } from "../error.ts";
import { openCriuFiles, withCriuReasons } from "./criu.ts";

// As CRIU 4.1.1 wrote it.
const LOG = `(00.048328) Error (criu/util.c:1533): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted
(00.061325) Warn  (compel/arch/x86/src/lib/infect.c:418): Will restore 29853 with interrupted system call
(00.164200) Error (criu/files-reg.c:1790): Can't lookup mount=116 for fd=1 path=/run/out
(00.111112)      1: Error (criu/files-reg.c:2175): File fd/1 has bad size 0 (expect 16)
(00.164218) Error (criu/cr-dump.c:1545): Dump files (pid: 2927) failed with -1
(00.232093) Error (criu/cr-dump.c:1975): Dumping FAILED.
`;

test("CRIU's last errors are told, without the one that is always there", () => {
  using folder = createTemporaryFolder();
  const log = join(folder.path, "dump.log");
  const error = new ShimError("Unknown", "crun checkpoint: failed");
  expect(withCriuReasons(error, log)).toBe(error);
  writeFileSync(log, LOG);
  expect(withCriuReasons(error, log)).toMatchObject({
    code: "Unknown",
    message:
      "crun checkpoint: failed: File fd/1 has bad size 0 (expect 16); Dump files (pid: 2927) failed with -1; Dumping FAILED.",
  });
  const other = new Error("x");
  expect(withCriuReasons(other, log)).toBe(other);
});

test("what a program that CRIU started says is among them, and nothing twice", () => {
  using folder = createTemporaryFolder();
  const log = join(folder.path, "dump.log");
  // As CRIU 4.1.1 wrote it where iptables is not installed.
  const refused = `Error (criu/util.c:641): execvp("ip6tables-restore", ...) failed: No such file or directory
(00.555277) Error (criu/util.c:656): exited, status=1
`;
  const locking = `(00.555606) Error (criu/net.c:3282): net: Locking network failed: iptables-restore returned -1.
`;
  const end = "(00.649322) Error (criu/cr-dump.c:2111): Dumping FAILED.\n";
  writeFileSync(log, refused + locking + refused + refused + end);
  expect(withCriuReasons(new ShimError("Unknown", "crun checkpoint: failed"), log)).toMatchObject({
    message:
      "crun checkpoint: failed: exited, status=1; net: Locking network failed: iptables-restore returned -1.; Dumping FAILED.",
  });
});

test("CRIU's files are in the bundle until they are disposed; a folder that was named stays", () => {
  using folder = createTemporaryFolder();
  const bundle = bundleAt(folder.path);
  {
    using files = openCriuFiles(bundle, "external x\n", "");
    expect(readFileSync(files.config, "utf8")).toBe("external x\n");
    expect(existsSync(files.workPath)).toBe(true);
    using named = openCriuFiles(bundle, "", "/work");
    expect(named.workPath).toBe("/work");
  }
  expect(readdirSync(folder.path)).toEqual([]);
});
