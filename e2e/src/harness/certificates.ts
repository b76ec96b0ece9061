// SPDX-License-Identifier: Apache-2.0
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { mustRun } from "./command.ts";
import type { ServerCertificate } from "./http-server.ts";

/** A certificate for 127.0.0.1 and the authority that signed it, which nobody knows and nobody keeps. */
export interface TestCertificates extends ServerCertificate {
  /** Path of the authority's certificate, PEM. */
  readonly authority: string;
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
const VALID = ["-days", "2"];

/** Makes both in `folder`, which is the caller's; the server's is for these host names, too. */
export async function makeCertificates(
  folder: string,
  hostNames: readonly string[] = [],
): Promise<TestCertificates> {
  const path = (name: string) => join(folder, name);
  const authority = [
    "-subj",
    "/CN=runwasi test",
    "-keyout",
    path("authority.key"),
    "-out",
    path("authority.pem"),
  ];
  await mustRun(["openssl", "req", "-x509", ...NEW_KEY, ...VALID, ...authority]);
  const server = ["-subj", "/CN=127.0.0.1", "-keyout", path("server.key"), "-out", path("server.csr")];
  await mustRun(["openssl", "req", ...NEW_KEY, ...server]);
  const names = ["IP:127.0.0.1", ...hostNames.map((name) => `DNS:${name}`)].join(",");
  await writeFile(path("server.ext"), `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`);
  const signer = ["-CA", path("authority.pem"), "-CAkey", path("authority.key"), "-CAcreateserial"];
  const files = ["-in", path("server.csr"), "-extfile", path("server.ext"), "-out", path("server.pem")];
  await mustRun(["openssl", "x509", "-req", ...VALID, ...signer, ...files]);
  return { authority: path("authority.pem"), certificate: path("server.pem"), key: path("server.key") };
}
