// SPDX-License-Identifier: Apache-2.0

/** Lines of /proc/<pid>/status that a runtime decides. */
const DECIDED = ["Umask", "Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp", "Cpus_allowed_list"];

/** What of /proc/self/status a runtime decides: identity, capabilities, seccomp, masks. */
export function normalizeStatus(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => /^(Cap|Sig(Blk|Ign))/.test(line) || DECIDED.includes(line.split(":")[0] ?? ""));
}

/** Mounts as "where type source options", without numbers that differ between any two containers. */
export function normalizeMounts(text: string): string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [left = "", right = ""] = line.split(" - ");
      const [, , , root = "", target = "", options = ""] = left.split(" ");
      const [type = "", source = "", superOptions = ""] = right.split(" ");
      const detail = superOptions.replaceAll(/snapshots\/\d+/g, "snapshots/N");
      return [target, root, type, source, options, detail].join(" ");
    })
    .sort();
}

/** The lines of /proc/self/cgroup; hierarchy numbers are the kernel's. */
export function normalizeCgroups(text: string): string[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(":").slice(1).join(":"))
    .sort();
}
