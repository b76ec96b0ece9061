// SPDX-License-Identifier: Apache-2.0
// Regenerates packages/containerd-api/gen and e2e/gen from the published definitions: the .proto files carried by
// the Go modules below. Needs `go` and `protoc` (Debian: protobuf-compiler, libprotobuf-dev).
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "bun";

const API = "github.com/containerd/containerd/api@v1.12.0";
const CGROUPS = "github.com/containerd/cgroups/v3@v3.1.3";
// Carries google/rpc/status.proto, which the introspection API imports.
const GOOGLE = "github.com/gogo/googleapis@v1.4.1";
const OUT = "packages/containerd-api/gen";
/** What the kubelet speaks to containerd, for tests alone. */
const CRI = "k8s.io/cri-api@v0.36.0";
const CRI_OUT = "e2e/gen";

const API_FILES = [
  "runtime/task/v2/shim.proto",
  "runtime/task/v3/shim.proto",
  "runtime/bootstrap/v1/bootstrap.proto",
  "types/introspection.proto",
  "types/runtimeoptions/v1/api.proto",
  "types/runc/options/oci.proto",
  "events/task.proto",
  "services/ttrpc/events/v1/events.proto",
  "services/introspection/v1/introspection.proto",
  "services/content/v1/content.proto",
  "services/images/v1/images.proto",
  "services/containers/v1/containers.proto",
  "services/leases/v1/leases.proto",
];

const CGROUPS_FILES = ["cgroup1/stats/metrics.proto", "cgroup2/stats/metrics.proto"];

const CRI_FILE = "pkg/apis/runtime/v1/api.proto";

const PLUGIN_OPTIONS = [
  "enumsAsLiterals=true",
  "comments=false",
  "outputServices=generic-definitions",
  "outputJsonMethods=false",
  "outputPartialMethods=false",
  "forceLong=bigint",
  "useDate=false",
  "esModuleInterop=true",
  "importSuffix=.ts",
  "useReadonlyTypes=false",
  "unrecognizedEnum=false",
  "useExactTypes=false",
  "removeEnumPrefix=false",
  "noDefaultsForOptionals=false",
].join(",");

async function moduleDir(module: string): Promise<string> {
  const { Dir } = (await $`go mod download -json ${module}`.cwd("/tmp").json()) as { Dir: string };
  return Dir;
}

const plugin = "--plugin=node_modules/.bin/protoc-gen-ts_proto";
await $`rm -rf ${OUT}`;
await $`mkdir -p ${OUT}/cgroups`;
const api = await moduleDir(API);
const google = await moduleDir(GOOGLE);
const cgroups = await moduleDir(CGROUPS);
await $`protoc -I ${api} -I ${google} ${plugin} --ts_proto_out=${OUT} --ts_proto_opt=${PLUGIN_OPTIONS} ${API_FILES}`;
await $`protoc -I ${cgroups} ${plugin} --ts_proto_out=${OUT}/cgroups --ts_proto_opt=${PLUGIN_OPTIONS} ${CGROUPS_FILES}`;

// Requests of hundreds of fields: a test names those that it means, `fromPartial` adds the rest.
const criOptions = PLUGIN_OPTIONS.replace("outputPartialMethods=false", "outputPartialMethods=true");
const cri = await mkdtemp(join(tmpdir(), "cri-api-"));
const published = await Bun.file(join(await moduleDir(CRI), CRI_FILE)).text();
// It hides fields from a log, which nothing here keeps, and Debian's protoc does not know it.
await Bun.write(join(cri, "cri.proto"), published.replaceAll(" [debug_redact = true]", ""));
await $`rm -rf ${CRI_OUT}`;
await $`mkdir -p ${CRI_OUT}`;
await $`protoc -I ${cri} ${plugin} --ts_proto_out=${CRI_OUT} --ts_proto_opt=${criOptions} cri.proto`;
await rm(cri, { recursive: true });
