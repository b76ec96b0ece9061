// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from "../abi/value-type.ts";
import { mismatch } from "../abi/values.ts";
import { hostFunction, hostResource, method } from "../host/host-function.ts";
import { err, ok, type Result } from "../host/result.ts";
import type { HostInterface } from "../link/host-interface.ts";
import { IncomingBody, OutgoingBody } from "./body.ts";
import { Fields, fieldsOf } from "./fields.ts";
import type { HttpErrorCode } from "./http-error-code.ts";
import { contentLength } from "./http-request.ts";

/** `wasi:http/types.incoming-response`. */
export class IncomingResponse implements Disposable {
  readonly status: number;
  readonly fields: Fields;
  readonly #body: IncomingBody;

  constructor(response: Response) {
    this.status = response.status;
    this.fields = Fields.received(response.headers);
    this.#body = new IncomingBody(response.body);
  }

  consume(): Result<IncomingBody, undefined> {
    return this.#body.consume();
  }

  [Symbol.dispose](): void {
    this.#body.disposeUnlessConsumed();
  }
}

/** `wasi:http/types.outgoing-response`. */
export class OutgoingResponse {
  readonly fields: Fields;
  status = 200;
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

/** What a guest answers with, or why it does not. */
export type Answer = Result<OutgoingResponse, HttpErrorCode>;

/** `wasi:http/types.response-outparam`: takes the answer to one request. */
export class ResponseOutparam implements Disposable {
  readonly #settle: (answer: Answer | undefined) => void;

  /** `settle` is called with the answer, or with undefined when there will be none; only its first call counts. */
  constructor(settle: (answer: Answer | undefined) => void) {
    this.#settle = settle;
  }

  set(answer: Answer): void {
    this.#settle(answer);
  }

  [Symbol.dispose](): void {
    this.#settle(undefined);
  }
}

export const INCOMING_RESPONSE: ResourceType = hostResource("incoming-response");
export const OUTGOING_RESPONSE: ResourceType = hostResource("outgoing-response");
export const RESPONSE_OUTPARAM: ResourceType = hostResource("response-outparam");

// RFC 9110, 15: a final answer's; what the platform can send.
const isFinalStatus = (status: number): boolean => status >= 200 && status <= 599;

export const responseFunctions: HostInterface["functions"] = {
  "[method]incoming-response.status": method(IncomingResponse, (self) => self.status),
  "[method]incoming-response.headers": method(IncomingResponse, (self) => self.fields),
  "[method]incoming-response.consume": method(IncomingResponse, (self) => self.consume()),
  "[constructor]outgoing-response": hostFunction(
    (headers: unknown) => new OutgoingResponse(fieldsOf(headers)),
  ),
  "[method]outgoing-response.status-code": method(OutgoingResponse, (self) => self.status),
  "[method]outgoing-response.set-status-code": method(OutgoingResponse, (self, status: number) => {
    if (!isFinalStatus(status)) return err();
    self.status = status;
    return ok();
  }),
  "[method]outgoing-response.headers": method(OutgoingResponse, (self) => self.fields),
  "[method]outgoing-response.body": method(OutgoingResponse, (self) => self.takeBody()),
  "[static]response-outparam.set": hostFunction((self: unknown, answer: Result<unknown, HttpErrorCode>) => {
    if (!(self instanceof ResponseOutparam)) throw mismatch("response-outparam", self);
    if (answer.tag === "err") self.set(answer);
    else if (answer.val instanceof OutgoingResponse) self.set(ok(answer.val));
    else throw mismatch("outgoing-response", answer.val);
  }),
};
