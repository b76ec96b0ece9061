// SPDX-License-Identifier: Apache-2.0
// A machine such as users have and build machines are not: cgroup v2, systemd, AppArmor. For e2e/vm.
import { readFileSync } from "node:fs";
import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureCached } from "./cache.ts";
import { runInstaller } from "./command.ts";
import { debianMirror, DEBIAN_KEYRING } from "./debian-release.ts";
import { ensureDebianPackages } from "./debian.ts";

const RELEASE = "trixie";
/** What it has, containerd 1.7 with crun and runc among it; the rest is what the tests look with. */
const PACKAGES = [
  ["linux-image-cloud-amd64", "systemd", "systemd-sysv", "dbus", "dbus-user-session", "kmod"],
  ["containerd", "crun", "runc", "criu", "libcriu2", "iptables", "wasmedge", "apparmor"],
  ["rootlesskit", "uidmap", "iproute2", "procps", "util-linux"],
].flat();
/** The account that rootless containerd runs as; adduser's first one has subordinate ids too. */
const USER = "user";
/** Sparse: what is not used takes no place. */
const SIZE = "3G";

const SOURCES = join(import.meta.dir, "../../e2e/vm/image");
const UNIT = "etc/systemd/system";

/** Files of a virtual machine: the kernel is started without an initramfs, and the disk is only read. */
export interface VmImage {
  readonly kernel: string;
  /** An ext4 file system, to be the first NVMe device. */
  readonly disk: string;
}

/** Answers the image, making it first where the cache lacks it (2 minutes; 150 MB fetched, 600 kept). */
export async function ensureVmImage(): Promise<VmImage> {
  if (process.arch !== "x64") {
    throw new Error(`cannot make a virtual machine on ${process.arch}: its image is for x86-64 alone`);
  }
  await ensureDebianPackages(["qemu-system-x86"]);
  const bin = await ensureCached({
    name: `vm-${RELEASE}-${recipeRevision()}`,
    executables: ["vmlinuz", "disk.img"],
    build: (folder) => build(join(folder, "bin")),
  });
  return { kernel: join(bin, "vmlinuz"), disk: join(bin, "disk.img") };
}

/** Tells one recipe from another: this file and what it copies. */
function recipeRevision(): string {
  const hash = new Bun.CryptoHasher("sha256");
  for (const file of [import.meta.path, join(SOURCES, "vmtest.service"), join(SOURCES, "vmtest.sh")]) {
    hash.update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 8);
}

async function build(bin: string): Promise<void> {
  await ensureDebianPackages(["debian-archive-keyring", "e2fsprogs", "mmdebstrap", "util-linux"]);
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "runwasi-vm-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  // apt fetches as a user of its own, which mkdtemp's 0700 would keep out.
  await chmod(folder, 0o755);
  // mmdebstrap makes the folder, as the root of everything that will be in it.
  const root = join(folder, "root");
  await bootstrap(root);
  const kernel = new Bun.Glob("boot/vmlinuz-*").scanSync({ cwd: root, absolute: true }).next().value;
  if (kernel === undefined) throw new Error(`cannot make a virtual machine: ${RELEASE} brought no kernel`);
  await copyFile(kernel, join(bin, "vmlinuz"));
  await rm(join(root, "boot"), { recursive: true });
  // Filled from a folder: nothing is mounted. No journal, since a disk that is only read has nothing to recover.
  const disk = join(bin, "disk.img");
  await runInstaller(["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", root, disk, SIZE]);
  // The cache tells a complete folder by its executables.
  await Promise.all(["vmlinuz", "disk.img"].map((name) => chmod(join(bin, name), 0o755)));
}

async function bootstrap(root: string): Promise<void> {
  const hooks = [
    `copy-in ${join(SOURCES, "vmtest.service")} /${UNIT}`,
    `upload ${join(SOURCES, "vmtest.sh")} /usr/local/sbin/vmtest`,
    'chmod 755 "$1/usr/local/sbin/vmtest"',
    'chroot "$1" systemctl enable vmtest.service',
    // Nobody logs in, and a machine that lives for minutes needs no upkeep.
    'chroot "$1" systemctl mask getty@tty1.service serial-getty@ttyS0.service apt-daily.timer ' +
      "apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer e2scrub_reap.service",
    `chroot "$1" useradd --create-home --shell /bin/sh ${USER}`,
  ];
  // In a mount namespace: what it mounts for maintainer scripts must not be seen on the host.
  const command = [
    "unshare",
    "--mount",
    "--propagation",
    "private",
    "mmdebstrap",
    "--mode=root",
    "--variant=minbase",
  ];
  const options = [
    `--keyring=${DEBIAN_KEYRING}`,
    `--include=${PACKAGES.join(",")}`,
    '--aptopt=Acquire::Languages "none"',
    ...["man", "doc", "locale", "i18n"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    ...hooks.map((hook) => `--customize-hook=${hook}`),
  ];
  // Without an initramfs, which nothing would use; its making takes longest of all.
  await runInstaller([...command, ...options, RELEASE, root, await debianMirror()], { INITRD: "No" });
}
