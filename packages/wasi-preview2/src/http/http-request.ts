// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from "../abi/value-type.ts";
import { hostFunction, hostResource, method } from "../host/host-function.ts";
import { err, ok, type Result } from "../host/result.ts";
import type { HostInterface } from "../link/host-interface.ts";
import { IncomingBody, OutgoingBody } from "./body.ts";
import { Fields, fieldsOf } from "./fields.ts";

/** `wasi:http/types.method` and `scheme`: a known one by its tag, another as `{ tag: "other", val }`. */
export interface Tagged {
  readonly tag: string;
  readonly val?: string;
}

const METHODS: ReadonlySet<string> = new Set([
  "get",
  "head",
  "post",
  "put",
  "delete",
  "connect",
  "options",
  "trace",
  "patch",
]);

// RFC 9110, 9.1 and RFC 3986, 3.1
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const SCHEME = /^[A-Za-z][A-Za-z0-9+\-.]*$/;
// Neither controls, spaces nor what begins another part of the URL.
const PATH = /^[^\p{Cc} #]*$/u;
const AUTHORITY = /^[^\p{Cc} /?#]+$/u;

function parseMethod(name: string): Tagged {
  const tag = name.toLowerCase();
  return METHODS.has(tag) ? { tag } : { tag: "other", val: name };
}

/** A message's content-length; undefined when it has none. */
export function contentLength(fields: Fields): bigint | undefined {
  const [value] = fields.get("content-length");
  const text = value === undefined ? "" : Buffer.from(value).toString("latin1");
  return /^\d+$/.test(text) ? BigInt(text) : undefined;
}

/** `wasi:http/types.incoming-request`. */
export class IncomingRequest implements Disposable {
  readonly method: Tagged;
  readonly pathWithQuery: string;
  readonly authority: string;
  readonly fields: Fields;
  readonly #body: IncomingBody;

  constructor(request: Request) {
    const url = new URL(request.url);
    this.method = parseMethod(request.method);
    this.pathWithQuery = url.pathname + url.search;
    this.authority = request.headers.get("host") ?? url.host;
    this.fields = Fields.received(request.headers);
    this.#body = new IncomingBody(request.body);
  }

  consume(): Result<IncomingBody, undefined> {
    return this.#body.consume();
  }

  [Symbol.dispose](): void {
    this.#body.disposeUnlessConsumed();
  }
}

/** `wasi:http/types.outgoing-request`. */
export class OutgoingRequest {
  readonly fields: Fields;
  method: Tagged = { tag: "get" };
  pathWithQuery: string | undefined;
  scheme: Tagged | undefined;
  authority: string | undefined;
  body: OutgoingBody | undefined;

  constructor(fields: Fields) {
    this.fields = fields;
  }

  takeBody(): Result<OutgoingBody, undefined> {
    if (this.body !== undefined) return err();
    this.body = new OutgoingBody(contentLength(this.fields));
    return ok(this.body);
  }
}

/** `wasi:http/types.request-options`, in nanoseconds. */
export class RequestOptions {
  readonly timeouts: Map<string, bigint> = new Map<string, bigint>();
}

export const INCOMING_REQUEST: ResourceType = hostResource("incoming-request");
export const OUTGOING_REQUEST: ResourceType = hostResource("outgoing-request");
export const REQUEST_OPTIONS: ResourceType = hostResource("request-options");

const isText = (pattern: RegExp, value: string | undefined): boolean =>
  value === undefined || pattern.test(value);
const otherOf = (value: Tagged | undefined): string | undefined =>
  value?.tag === "other" ? (value.val ?? "") : undefined;

/** Sets what is valid. */
function assign(isValid: boolean, set: () => void): Result<undefined, undefined> {
  if (!isValid) return err(undefined);
  set();
  return ok();
}

export const requestFunctions: HostInterface["functions"] = {
  "[method]incoming-request.method": method(IncomingRequest, (self) => self.method),
  "[method]incoming-request.path-with-query": method(IncomingRequest, (self) => self.pathWithQuery),
  "[method]incoming-request.scheme": method(IncomingRequest, () => ({ tag: "HTTP" })),
  "[method]incoming-request.authority": method(IncomingRequest, (self) => self.authority),
  "[method]incoming-request.headers": method(IncomingRequest, (self) => self.fields),
  "[method]incoming-request.consume": method(IncomingRequest, (self) => self.consume()),
  "[constructor]outgoing-request": hostFunction((headers: unknown) => new OutgoingRequest(fieldsOf(headers))),
  "[method]outgoing-request.body": method(OutgoingRequest, (self) => self.takeBody()),
  "[method]outgoing-request.method": method(OutgoingRequest, (self) => self.method),
  "[method]outgoing-request.set-method": method(OutgoingRequest, (self, value: Tagged) =>
    assign(isText(TOKEN, otherOf(value)), () => {
      self.method = value;
    }),
  ),
  "[method]outgoing-request.path-with-query": method(OutgoingRequest, (self) => self.pathWithQuery),
  "[method]outgoing-request.set-path-with-query": method(OutgoingRequest, (self, value: string | undefined) =>
    assign(isText(PATH, value), () => {
      self.pathWithQuery = value;
    }),
  ),
  "[method]outgoing-request.scheme": method(OutgoingRequest, (self) => self.scheme),
  "[method]outgoing-request.set-scheme": method(OutgoingRequest, (self, value: Tagged | undefined) =>
    assign(isText(SCHEME, otherOf(value)), () => {
      self.scheme = value;
    }),
  ),
  "[method]outgoing-request.authority": method(OutgoingRequest, (self) => self.authority),
  "[method]outgoing-request.set-authority": method(OutgoingRequest, (self, value: string | undefined) =>
    assign(isText(AUTHORITY, value), () => {
      self.authority = value;
    }),
  ),
  "[method]outgoing-request.headers": method(OutgoingRequest, (self) => self.fields),
  "[constructor]request-options": hostFunction(() => new RequestOptions()),
  ...timeoutFunctions("connect-timeout"),
  ...timeoutFunctions("first-byte-timeout"),
  ...timeoutFunctions("between-bytes-timeout"),
};

function timeoutFunctions(name: string): HostInterface["functions"] {
  return {
    [`[method]request-options.${name}`]: method(RequestOptions, (self) => self.timeouts.get(name)),
    [`[method]request-options.set-${name}`]: method(RequestOptions, (self, value: bigint | undefined) => {
      if (value === undefined) self.timeouts.delete(name);
      else self.timeouts.set(name, value);
      return ok();
    }),
  };
}
