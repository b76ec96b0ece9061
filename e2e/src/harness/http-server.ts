// SPDX-License-Identifier: Apache-2.0
// An HTTP server as a process in another network namespace. That process runs this very file.
import type { NetworkNamespace } from "./network-namespace.ts";

export interface HttpServer extends AsyncDisposable {
  /** Without a slash behind it. What is below it is answered with method and path. */
  readonly url: string;
}

/** Paths of a certificate and its key, both PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Serves HTTP, or HTTPS with a certificate, at a namespace's loopback address; the caller disposes. */
export async function serveInside(network: NetworkNamespace, tls?: ServerCertificate): Promise<HttpServer> {
  const files = tls === undefined ? [] : [tls.certificate, tls.key];
  const child = Bun.spawn(network.enter([process.execPath, import.meta.path, ...files]), {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const { value } = await child.stdout.getReader().read();
  if (value === undefined) throw new Error(`cannot serve HTTP: the server ended with ${await child.exited}`);
  return {
    url: new TextDecoder().decode(value),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}

if (import.meta.main) {
  const [certificate, key] = process.argv.slice(2);
  const tls =
    certificate === undefined || key === undefined ? {} : { cert: Bun.file(certificate), key: Bun.file(key) };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    ...("cert" in tls ? { tls } : {}),
    fetch: ({ method, url }) => new Response(`${method} ${new URL(url).pathname}\n`),
  });
  process.stdout.write(`${"cert" in tls ? "https" : "http"}://127.0.0.1:${server.port}`);
}
