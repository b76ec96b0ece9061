// SPDX-License-Identifier: Apache-2.0
// Namespaces: of a container's own, the host's, and another container's by path.
import { readlink } from "node:fs/promises";
import { toMap, type JsonMap } from "../../harness/spec.ts";
import { refusedCase, shellCase, type ParityCase } from "../parity-case.ts";

type Namespace = { readonly type: string; readonly path?: string };

const OWN: readonly Namespace[] = ["pid", "ipc", "uts", "mount", "network"].map((type) => ({ type }));

/** A spec whose namespaces are the usual ones but for these. */
function withNamespaces(...changed: readonly Namespace[]): JsonMap {
  const kept = OWN.filter(({ type }) => !changed.some((one) => one.type === type));
  return { linux: { namespaces: [...kept, ...changed] } };
}

function withoutNamespace(name: string): JsonMap {
  return { linux: { namespaces: OWN.filter(({ type }) => type !== name) } };
}

export const NAMESPACE_CASES: readonly ParityCase[] = [
  shellCase({ name: "a hostname", spec: { hostname: "parity" }, script: "hostname", stdout: "parity\n" }),
  shellCase({
    name: "a cgroup namespace",
    spec: withNamespaces({ type: "cgroup" }),
    script: "grep -v ^0: /proc/self/cgroup | cut -d: -f3 | sort -u",
    stdout: "/\n",
  }),
  shellCase({
    name: "a user namespace",
    spec: {
      linux: {
        ...toMap(withNamespaces({ type: "user" })["linux"]),
        uidMappings: [{ containerID: 0, hostID: 100_000, size: 1_000 }],
        gidMappings: [{ containerID: 0, hostID: 200_000, size: 1_000 }],
      },
    },
    script: "id -u; echo $(cat /proc/self/uid_map); echo $(cat /proc/self/gid_map); stat -c %u /etc/passwd",
    stdout: "0\n0 100000 1000\n0 200000 1000\n65534\n",
  }),
  {
    name: "the host's PID, IPC, UTS and network namespaces",
    expected: { stdout: "pid ipc uts net " },
    async play(stage) {
      const types = ["pid", "ipc", "uts", "net"];
      const links = await Promise.all(types.map((type) => readlink(`/proc/self/ns/${type}`)));
      const same = types.map(
        (type, index) => `[ $(readlink /proc/self/ns/${type}) = '${links[index]}' ] && printf '${type} '`,
      );
      return stage.run({ linux: { namespaces: [{ type: "mount" }] } }, same.join("; "));
    },
  },
  {
    name: "another container's UTS, IPC and network namespaces by path",
    expected: { stdout: "first\nup\nsame\n" },
    async play(stage) {
      const up = "ip link set lo up; echo ready; sleep 1000";
      await using first = await stage.start({ hostname: "first" }, up, `${stage.id}-first`);
      await first.printed("ready");
      const paths = ["uts", "ipc", "network"].map((type) => {
        return { type, path: `/proc/${first.pid}/ns/${type.slice(0, 3)}` };
      });
      const ipc = await readlink(`/proc/${first.pid}/ns/ipc`);
      const script = `hostname; ip -o link show lo | grep -q LOOPBACK,UP && echo up; [ $(readlink /proc/self/ns/ipc) = '${ipc}' ] && echo same`;
      return await stage.run(withNamespaces(...paths), script);
    },
  },
  {
    name: "another container's PID namespace by path ends with that container",
    expected: { sees: "1\n", status: 137 },
    async play(stage) {
      await using first = await stage.start({}, "exec sleep 1234567", `${stage.id}-first`);
      const shared = withNamespaces({ type: "pid", path: `/proc/${first.pid}/ns/pid` });
      await using second = await stage.start(shared, "ps | grep -c '[s]leep 1234567'; sleep 1000");
      await second.printed("\n");
      await first.kill("--signal", "SIGKILL");
      return { sees: await second.output(), status: await second.deleted() };
    },
  },
  refusedCase("a namespace whose path is not there", withNamespaces({ type: "network", path: "/not/there" })),
  refusedCase("a hostname without a UTS namespace", { hostname: "parity", ...withoutNamespace("uts") }),
];
