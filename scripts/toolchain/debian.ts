// SPDX-License-Identifier: Apache-2.0
import { stat, writeFile, rm } from "node:fs/promises";
import { runInstaller } from "./command.ts";
import { step } from "./progress.ts";

const POLICY = "/usr/sbin/policy-rc.d";

/**
 * Installs the Debian packages that are missing. Without root or apt it throws an error that says what to
 * install. No service that a package brings is started: tests and demo run a containerd of their own.
 */
export async function ensureDebianPackages(names: readonly string[]): Promise<void> {
  const missing = await missingPackages(names);
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(" ")}`;
  if (Bun.which("apt-get") === null) {
    throw new Error(
      `cannot install ${missing.join(", ")}: this machine has no apt-get (install them by its own means)`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new Error(`cannot install ${missing.join(", ")}: not root (run as root: ${command})`);
  }
  await step(`installing Debian packages ${missing.join(" ")}`, () => aptInstall(missing));
}

async function missingPackages(names: readonly string[]): Promise<string[]> {
  if (Bun.which("dpkg-query") === null) return [...names];
  const query = Bun.spawn(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\\n", ...names], {
    stdout: "pipe",
    stderr: "ignore",
  });
  const lines = (await query.stdout.text()).split("\n");
  const installed = new Set(
    lines.filter((line) => line.endsWith(" installed")).map((line) => line.split(" ")[0]),
  );
  return names.filter((name) => !installed.has(name));
}

async function aptInstall(names: readonly string[]): Promise<void> {
  await using _policy = await withoutServices();
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", "-qq", ...names];
  try {
    await runInstaller(install, env);
  } catch {
    // The package lists of a fresh image are absent or stale: fetch them, then let a failure count.
    await runInstaller(["apt-get", "update", "-qq"], env);
    await runInstaller(install, env);
  }
}

/** Answers "not allowed" to maintainer scripts that want to start a service, unless the machine has a policy. */
async function withoutServices(): Promise<AsyncDisposable> {
  const exists = await stat(POLICY).then(
    () => true,
    () => false,
  );
  if (!exists) await writeFile(POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return {
    async [Symbol.asyncDispose]() {
      if (!exists) await rm(POLICY, { force: true });
    },
  };
}
