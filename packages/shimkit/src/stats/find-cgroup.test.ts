// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { ShimError } from "../error.ts";
import { parseCgroupHierarchies } from "./cgroup-hierarchies.ts";
import { locateCgroup, parseCgroupMembership, readCgroupMembership } from "./find-cgroup.ts";

const V2_HOST = "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
const V1_HOST = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:11 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup systemd rw,name=systemd
`;
const HYBRID_HOST = `${V1_HOST}41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n`;

interface Case {
  readonly host: string;
  readonly container: string;
  readonly shim: string;
}

function locate({ host, container, shim }: Case) {
  const view = { own: parseCgroupMembership(shim), hierarchies: parseCgroupHierarchies(host) };
  const cgroup = locateCgroup(parseCgroupMembership(container), view);
  return cgroup.kind === "v1" ? { ...cgroup, paths: Object.fromEntries(cgroup.paths) } : cgroup;
}

test("a host of cgroup v2 has one path", () => {
  const container = "0::/kubepods.slice/pod1/cri-containerd-a:b.scope\n";
  expect(locate({ host: V2_HOST, container, shim: "0::/system.slice/containerd.service\n" })).toEqual({
    kind: "v2",
    path: "/sys/fs/cgroup/kubepods.slice/pod1/cri-containerd-a:b.scope",
  });
});

test("a host of cgroup v1 has a path a controller, also of those mounted together", () => {
  const container = "4:memory:/k8s/a\n3:cpu,cpuacct:/k8s/a\n1:name=systemd:/k8s/a\n";
  expect(
    locate({ host: V1_HOST, container, shim: "4:memory:/\n3:cpu,cpuacct:/\n1:name=systemd:/\n" }),
  ).toEqual({
    kind: "v1",
    paths: {
      memory: "/sys/fs/cgroup/memory/k8s/a",
      cpu: "/sys/fs/cgroup/cpu,cpuacct/k8s/a",
      cpuacct: "/sys/fs/cgroup/cpu,cpuacct/k8s/a",
      "name=systemd": "/sys/fs/cgroup/systemd/k8s/a",
    },
  });
});

test("a hybrid host counts as v1, its unified hierarchy controls nothing", () => {
  const container = "4:memory:/a\n0::/a\n";
  expect(locate({ host: HYBRID_HOST, container, shim: "4:memory:/\n0::/\n" })).toEqual({
    kind: "v1",
    paths: { memory: "/sys/fs/cgroup/memory/a" },
  });
});

test("a stray v1 controller does not make a v2 host one of v1", () => {
  const host = `${V2_HOST}50 24 0:40 / /run/net_cls rw - cgroup none rw,net_cls\n`;
  expect(locate({ host, container: "5:net_cls:/x\n0::/a\n", shim: "5:net_cls:/\n0::/\n" })).toEqual({
    kind: "v2",
    path: "/sys/fs/cgroup/a",
  });
});

test("cgroups that the container shares with the shim are left out", () => {
  const container = "4:memory:/a\n3:cpu,cpuacct:/system.slice/containerd\n";
  const shim = "4:memory:/system.slice/containerd\n3:cpu,cpuacct:/system.slice/containerd\n";
  expect(locate({ host: V1_HOST, container, shim })).toEqual({
    kind: "v1",
    paths: { memory: "/sys/fs/cgroup/memory/a" },
  });
});

test("a container without a cgroup of its own is NotFound", () => {
  const error = (() => {
    try {
      return locate({ host: V2_HOST, container: "0::/same\n", shim: "0::/same\n" });
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(ShimError);
  expect(error).toMatchObject({ code: "NotFound" });
});

test("a mount that shows a part of the hierarchy is counted from that part", () => {
  const host = "35 24 0:30 /docker/host /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  expect(locate({ host, container: "0::/docker/host/a\n", shim: "0::/docker/host\n" })).toEqual({
    kind: "v2",
    path: "/sys/fs/cgroup/a",
  });
});

test.each(["0::/docker/hostage/a\n", "0::/../a\n"])(
  "a cgroup that no mount shows is NotFound: %j",
  (container) => {
    const host = "35 24 0:30 /docker/host /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
    expect(() => locate({ host, container, shim: "0::/docker/host\n" })).toThrow(ShimError);
  },
);

test("a mount made outside this cgroup namespace shows cgroups that begin with the same dots", () => {
  const host = "35 24 0:30 /.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  expect(locate({ host, container: "0::/../sibling\n", shim: "0::/\n" })).toEqual({
    kind: "v2",
    path: "/sys/fs/cgroup/sibling",
  });
});

test("mount points are read without their escapes", () => {
  const host = "35 24 0:30 / /mnt/c\\040group rw - cgroup2 cgroup2 rw\n";
  expect(locate({ host, container: "0::/a\n", shim: "0::/\n" })).toEqual({
    kind: "v2",
    path: "/mnt/c group/a",
  });
});

test("the membership of a process that has ended is undefined", () => {
  const { pid } = Bun.spawnSync(["true"]);
  expect(readCgroupMembership(pid)).toBeUndefined();
});
