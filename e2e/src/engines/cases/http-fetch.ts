// SPDX-License-Identifier: Apache-2.0
import { expect } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { makeCertificates } from "../../harness/certificates.ts";
import { serveInside } from "../../harness/http-server.ts";
import { openNetworkNamespace } from "../../harness/network-namespace.ts";
import type { CaseContext, CaseGroup } from "../engine-case.ts";

/** Where programs of every distribution look for the authorities they trust. */
const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

/** Components of wasi:http/outgoing-handler. */
export const httpFetch: CaseGroup = {
  title: "HTTP, fetched",
  cases: [
    {
      name: "http-fetch",
      title: "a request over HTTP; a refused connection is an error",
      async check({ run }) {
        await using network = await openNetworkNamespace();
        await using server = await serveInside(network);
        const { flags } = network;
        const fetched = await run(["/component-http-fetch.wasm", `${server.url}/path`], { flags });
        expect(fetched).toEqual({ stdout: "200\nGET /path\n", stderr: "", exitCode: 0 });
        const refused = await run(["/component-http-fetch.wasm", "http://127.0.0.1:1/"], { flags });
        expect(refused).toMatchObject({
          stdout: "",
          stderr: expect.stringContaining("connection-refused"),
          exitCode: 1,
        });
      },
    },
    {
      name: "https-fetch-untrusted",
      title: "a request over HTTPS fails where the server's authority is not trusted",
      async check(context) {
        const { stdout, stderr, exitCode } = await fetchOverTls(context, () => []);
        expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
        // Which error of TLS it is, engines do not agree upon.
        expect(stderr).toMatch(/^cannot get https:.*: TLS-\S+$/m);
      },
    },
    {
      name: "https-fetch",
      title: `a request over HTTPS where the container's \`${AUTHORITIES}\` has the authority`,
      async check(context) {
        const fetched = await fetchOverTls(context, (authority) => [
          "--mount",
          `type=bind,src=${authority},dst=${AUTHORITIES},options=rbind:ro`,
        ]);
        expect(fetched).toEqual({ stdout: "200\nGET /path\n", stderr: "", exitCode: 0 });
      },
    },
  ],
};

async function fetchOverTls(
  { run, containerd }: CaseContext,
  flagsFor: (authority: string) => readonly string[],
) {
  const folder = join(containerd.folder, `tls-${containerd.nextId()}`);
  await mkdir(folder);
  const certificates = await makeCertificates(folder);
  await using network = await openNetworkNamespace();
  await using server = await serveInside(network, certificates);
  const flags = [...network.flags, ...flagsFor(certificates.authority)];
  return await run(["/component-http-fetch.wasm", `${server.url}/path`], { flags });
}
