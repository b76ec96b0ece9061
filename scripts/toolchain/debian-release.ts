// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCommand, runInstaller } from "./command.ts";
import { ensureDebianPackages } from "./debian.ts";

/** The keys that Debian signs its releases with, of the package debian-archive-keyring. */
export const DEBIAN_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
/** Where Debian is for a machine that has no mirror of its own, as one that runs a distribution made from it. */
const DEFAULT_MIRROR = "http://deb.debian.org/debian";

/** Packages of a Debian release that need not be the machine's own. */
export interface DebianRelease {
  /** The release's name, as in `trixie`. */
  readonly codename: string;
  readonly packages: readonly string[];
}

/**
 * Unpacks packages and all that they depend on into `folder`, side by side, with no maintainer script run. The
 * release has an apt of its own for this, with its own sources, lists and (empty) package set in a temporary folder,
 * so that nothing of it gets into the machine's.
 */
export async function unpackDebianRelease(folder: string, release: DebianRelease): Promise<void> {
  await ensureDebianPackages(["debian-archive-keyring"]);
  await using stack = new AsyncDisposableStack();
  const state = await mkdtemp(join(tmpdir(), "runwasi-apt-"));
  stack.defer(() => rm(state, { recursive: true, force: true }));
  // apt fetches as a user of its own, which mkdtemp's 0700 would keep out.
  await chmod(state, 0o755);
  const apt = await separateApt(state, release.codename);

  await runInstaller([...apt, "-qq", "update"]);
  const download = ["-qq", "install", "--yes", "--download-only", "--no-install-recommends"];
  await runInstaller([...apt, ...download, ...release.packages]);
  for (const archive of new Bun.Glob("*.deb").scanSync({ cwd: join(state, "archives"), absolute: true })) {
    await runInstaller(["dpkg-deb", "--extract", archive, folder]);
  }
}

/** An apt-get command line that knows nothing but one release; the machine's own proxy and transport settings stay. */
async function separateApt(state: string, codename: string): Promise<readonly string[]> {
  const configuration = join(state, "apt.conf");
  await mkdir(join(state, "lists/partial"), { recursive: true });
  await mkdir(join(state, "archives/partial"), { recursive: true });
  await writeFile(join(state, "status"), "");
  await writeFile(
    join(state, "sources.list"),
    `deb [signed-by=${DEBIAN_KEYRING}] ${await debianMirror()} ${codename} main\n`,
  );
  await writeFile(configuration, separateConfiguration(state));
  return ["apt-get", "-c", configuration];
}

/** What apt reads after the machine's own configuration; apt.conf(5). */
function separateConfiguration(state: string): string {
  return `
Dir::Etc::sourcelist "${state}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "${state}";
Dir::State::status "${state}/status";
Dir::Cache "${state}";
// The machine's hooks tidy up the machine's own folders.
#clear APT::Update;
#clear DPkg;
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
`;
}

/** The mirror that this machine's own sources name for Debian, by where the most essential package comes from. */
export async function debianMirror(): Promise<string> {
  if (!/^ID=debian$/m.test(await readFile("/etc/os-release", "utf8"))) return DEFAULT_MIRROR;
  const print = ["apt-get", "download", "--print-uris", "base-files"];
  // Without package lists apt knows of no base-files and fails, and its mirror is not to be had this way.
  const uris = await readCommand(print).catch(() => "");
  return /^'(\S+?)\/pool\//m.exec(uris)?.[1] ?? DEFAULT_MIRROR;
}
