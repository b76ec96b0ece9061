// SPDX-License-Identifier: Apache-2.0

/** Lines of /proc/<pid>/status that a runtime decides. */
const DECIDED = ["Umask", "Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "Cpus_allowed_list"];

/** What of /proc/self/status a runtime decides: identity, capabilities, seccomp, masks. */
export function normalizeStatus(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => /^(Cap|Sig(Blk|Ign))/.test(line) || DECIDED.includes(line.split(":")[0] ?? ""));
}

/**
 * Below these, mounts are how a runtime hides or write-protects what the spec says: runc and crun use a file,
 * a tmpfs or a bind mount each in its own way, to the same effect.
 */
const GUARDED = /^\/(proc|sys)\/./;
/** File systems whose own options come from the spec; those of the others are the host's. */
const OPTIONS_OF_SPEC = ["overlay", "tmpfs", "devpts", "mqueue"];

/** Mounts as "where root type source options", without numbers that differ between any two containers. */
export function normalizeMounts(text: string): string[] {
  return text.trimEnd().split("\n").map(normalizeMount).sort();
}

function normalizeMount(line: string): string {
  const [left = "", right = ""] = line.split(" - ");
  const [, , , root = "", target = "", options = ""] = left.split(" ");
  const [type = "", source = "", superOptions = ""] = right.split(" ");
  if (GUARDED.test(target)) return `${target} guarded`;
  const detail = OPTIONS_OF_SPEC.includes(type)
    ? superOptions.replaceAll(/snapshots\/\d+/g, "snapshots/N")
    : "";
  return [target, root, type, source, options, detail].join(" ").trimEnd();
}

/** Lines of `ls -l /dev` without a link that crun makes and runc does not, and without the total. */
export function normalizeDevices(text: string): string[] {
  return text.split("\n").filter((line) => !line.startsWith("total") && !line.endsWith("/proc/kcore"));
}

/** The lines of /proc/self/cgroup; hierarchy numbers are the kernel's. */
export function normalizeCgroups(text: string): string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(":").slice(1).join(":"))
    .sort();
}
