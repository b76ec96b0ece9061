// SPDX-License-Identifier: Apache-2.0

/** `wasi:http/types.error-code` */
export interface HttpErrorCode {
  readonly tag: string;
  readonly val?: unknown;
}

/** A failure that has no name among the error codes. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  readonly code: HttpErrorCode;

  constructor(code: HttpErrorCode) {
    super(code.tag);
    this.code = code;
  }
}

export function internalError(reason: string): HttpErrorCode {
  return { tag: "internal-error", val: reason };
}

// The `code` of what fetch rejects with in Bun.
const CODES: ReadonlyMap<string, HttpErrorCode> = new Map<string, HttpErrorCode>([
  ["ConnectionRefused", { tag: "connection-refused" }],
  ["ECONNREFUSED", { tag: "connection-refused" }],
  ["ConnectionClosed", { tag: "connection-terminated" }],
  ["ECONNRESET", { tag: "connection-terminated" }],
  ["ConnectionTimeout", { tag: "connection-timeout" }],
  ["ETIMEDOUT", { tag: "connection-timeout" }],
  ["FailedToOpenSocket", { tag: "destination-not-found" }],
  ["ENOTFOUND", { tag: "DNS-error", val: { rcode: "NXDOMAIN", infoCode: undefined } }],
  ["EAI_AGAIN", { tag: "DNS-timeout" }],
  ["EHOSTUNREACH", { tag: "destination-IP-unroutable" }],
  ["ENETUNREACH", { tag: "destination-IP-unroutable" }],
]);

const CERTIFICATE = /CERT|SELF_SIGNED|SIGNATURE|ALTNAME/;

/** The error code for what fetch, or reading what it gave, failed with. */
export function httpErrorCode(error: unknown): HttpErrorCode {
  if (error instanceof HttpFailure) return error.code;
  if (!(error instanceof Error)) return internalError("an exception was not caught");
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const known = CODES.get(code);
  if (known !== undefined) return known;
  if (CERTIFICATE.test(code)) return { tag: "TLS-certificate-error" };
  if (error.name === "TimeoutError") return { tag: "HTTP-response-timeout" };
  return internalError(error.message);
}
