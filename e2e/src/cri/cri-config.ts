// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { SHIM_ENGINES } from "../harness/engines.ts";

/** What the kubelet's configuration calls the sandbox image; every registry is the one of the test. */
export const PAUSE_IMAGE = "registry.test/pause:1.0";
/** Debian's containernetworking-plugins. */
const CNI_PLUGINS = "/usr/lib/cni";
const OPERATORS_PAGE = resolve(import.meta.dir, "../../../docs/operators.md");

const certificatesOf = (folder: string) => join(folder, "certs.d");
const networksOf = (folder: string) => join(folder, "cni");

/** A handler of a shim whose options leave out native containers. */
export function wasmOnly(handler: string): string {
  return `${handler}-wasm-only`;
}

/**
 * Answers the tables of a containerd 2.4 whose CRI plugin has runc's shim and all of ours as runtime handlers, and writes
 * the files that they name.
 */
export async function configureCri(folder: string): Promise<readonly string[]> {
  await writeNetwork(networksOf(folder));
  const runtime = "plugins.'io.containerd.cri.v1.runtime'";
  const images = "plugins.'io.containerd.cri.v1.images'";
  return [
    `[${images}.pinned_images]`,
    `sandbox = "${PAUSE_IMAGE}"`,
    `[${images}.registry]`,
    `config_path = ${JSON.stringify(certificatesOf(folder))}`,
    `[${runtime}]`,
    // Without CAP_SYS_RESOURCE, as in a container, no process gets a score below this one's.
    "restrict_oom_score_adj = true",
    `[${runtime}.cni]`,
    `bin_dirs = ["${CNI_PLUGINS}"]`,
    `conf_dir = ${JSON.stringify(networksOf(folder))}`,
    `[${runtime}.containerd.runtimes.runc]`,
    'runtime_type = "io.containerd.runc.v2"',
    ...SHIM_ENGINES.map((engine) => documentedHandler().replaceAll("wasmtime", engine)),
    ...SHIM_ENGINES.map((engine) =>
      documentedHandler()
        .replaceAll("runtimes.wasmtime]", `runtimes.${wasmOnly(engine)}]`)
        .replaceAll("wasmtime", engine)
        .concat(`[${runtime}.containerd.runtimes.${wasmOnly(engine)}.options]\n`, 'workloads = ["wasm"]\n'),
    ),
  ];
}

/** The table that docs/operators.md tells operators to write, which is what is tested. */
function documentedHandler(): string {
  const block = /```toml\n(\[plugins\.[^`]*?runtime_type[^`]*?)```/.exec(
    readFileSync(OPERATORS_PAGE, "utf8"),
  );
  if (block?.[1] === undefined) throw new Error(`${OPERATORS_PAGE} shows no runtime handler`);
  return block[1];
}

/** Makes one bridge the network of all pods, with ports of the host's for those that ask for them. */
async function writeNetwork(networks: string): Promise<void> {
  await mkdir(networks, { recursive: true });
  const bridge = {
    type: "bridge",
    bridge: "cni0",
    isGateway: true,
    hairpinMode: true,
    ipam: { type: "host-local", ranges: [[{ subnet: "10.88.0.0/16" }]], routes: [{ dst: "0.0.0.0/0" }] },
  };
  const portmap = { type: "portmap", capabilities: { portMappings: true } };
  const list = { cniVersion: "1.0.0", name: "pods", plugins: [bridge, portmap] };
  await writeFile(join(networks, "pods.conflist"), JSON.stringify(list));
}

/** Makes one registry the source of every image, whatever registry its name says. */
export async function writeRegistryMirror(folder: string, host: string): Promise<void> {
  const mirror = join(certificatesOf(folder), "_default");
  await mkdir(mirror, { recursive: true });
  const capabilities = 'capabilities = ["pull", "resolve"]';
  await writeFile(
    join(mirror, "hosts.toml"),
    `server = "http://${host}"\n[host."http://${host}"]\n${capabilities}\n`,
  );
}
