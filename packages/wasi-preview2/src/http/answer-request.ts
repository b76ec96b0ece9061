// SPDX-License-Identifier: Apache-2.0
import type { ComponentFunction } from "../abi/cross-call.ts";
import { IncomingRequest } from "./http-request.ts";
import { type Answer, type OutgoingResponse, ResponseOutparam } from "./http-response.ts";

/** What a guest is doing for one request. */
export interface Answering {
  /** Never rejects: what fails is answered with a status of its own. */
  readonly response: Promise<Response>;
  /** Ends with the guest, which may go on after it has answered; rejects when it traps. */
  readonly done: Promise<void>;
}

const INTERNAL_SERVER_ERROR = 500;
const BAD_GATEWAY = 502;
// RFC 9110, 6.4.1
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Gives a request to a guest's `wasi:http/incoming-handler.handle`. */
export function answerRequest(handle: ComponentFunction, request: Request): Answering {
  const answered = Promise.withResolvers<Answer | undefined>();
  const outparam = new ResponseOutparam((answer) => answered.resolve(answer));
  const done = callHandle(handle, request, outparam).finally(() => answered.resolve(undefined));
  return { response: respond(answered.promise, done), done };
}

async function callHandle(
  handle: ComponentFunction,
  request: Request,
  outparam: ResponseOutparam,
): Promise<void> {
  await handle.call([new IncomingRequest(request), outparam]);
}

async function respond(answered: Promise<Answer | undefined>, done: Promise<void>): Promise<Response> {
  const answer = await answered;
  if (answer === undefined) return new Response(null, { status: INTERNAL_SERVER_ERROR });
  if (answer.tag === "err") return new Response(answer.val.tag, { status: BAD_GATEWAY });
  // A guest mostly writes its body right after the head: it then goes as a whole, with its length.
  if (answer.val.body?.queue.end === undefined) await Promise.race([done.catch(() => {}), nextTick()]);
  return responseOf(answer.val);
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function responseOf({ status, fields, body }: OutgoingResponse): Response {
  const headers = fields.toPairs();
  if (body === undefined || WITHOUT_BODY.has(status)) return new Response(null, { status, headers });
  if (body.queue.end?.kind === "failed" && body.queue.isEmpty) {
    return new Response(null, { status: INTERNAL_SERVER_ERROR });
  }
  // The platform gives bytes a content-type where a guest gives none, but not a stream of them.
  const init = fields.get("content-type").length === 0 ? body.toStream() : body.toBodyInit();
  return new Response(init, { status, headers });
}
