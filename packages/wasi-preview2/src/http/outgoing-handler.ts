// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from "../abi/value-type.ts";
import { mismatch } from "../abi/values.ts";
import { Event } from "../host/event.ts";
import { hostFunction, hostResource, method } from "../host/host-function.ts";
import { Pollable } from "../host/pollable.ts";
import { err, ok, type Result } from "../host/result.ts";
import type { HostInterface } from "../link/host-interface.ts";
import type { Waiter } from "../host/waiter.ts";
import type { Trust } from "./trust.ts";
import { type HttpErrorCode, HttpFailure, httpErrorCode } from "./http-error-code.ts";
import { OutgoingRequest, RequestOptions } from "./http-request.ts";
import { IncomingResponse } from "./http-response.ts";

type Outcome = Result<IncomingResponse, HttpErrorCode>;

/** `wasi:http/types.future-incoming-response`. */
class FutureIncomingResponse implements Disposable {
  readonly #arrived = new Event();
  readonly #abort: AbortController;
  #outcome: Outcome | undefined;
  #isTaken = false;

  constructor(outcome: Promise<Outcome>, abort: AbortController) {
    this.#abort = abort;
    void outcome.then((settled) => {
      this.#outcome = settled;
      this.#arrived.notify();
    });
  }

  subscribe(): Pollable {
    return new Pollable({
      wakeup: { kind: "event", listen: (notify) => this.#arrived.listen(notify) },
      isReady: () => this.#outcome !== undefined,
    });
  }

  get(): Result<Outcome, undefined> | undefined {
    if (this.#outcome === undefined) return undefined;
    if (this.#isTaken) return err();
    this.#isTaken = true;
    return ok(this.#outcome);
  }

  [Symbol.dispose](): void {
    if (!this.#isTaken) this.#abort.abort();
  }
}

export const FUTURE_INCOMING_RESPONSE: ResourceType = hostResource("future-incoming-response");

export const futureResponseFunctions: HostInterface["functions"] = {
  "[method]future-incoming-response.subscribe": method(FutureIncomingResponse, (self) => self.subscribe()),
  "[method]future-incoming-response.get": method(FutureIncomingResponse, (self) => self.get()),
};

/** `wasi:http/outgoing-handler.handle`. */
export function outgoingHandle(waiter: Waiter, trust: Trust): HostInterface["functions"][string] {
  return hostFunction((request: unknown, options: unknown): Result<FutureIncomingResponse, HttpErrorCode> => {
    if (!(request instanceof OutgoingRequest)) throw mismatch("outgoing-request", request);
    const url = urlOf(request);
    if (url.tag === "err") return url;
    const abort = new AbortController();
    const timeouts = options instanceof RequestOptions ? options.timeouts : new Map<string, bigint>();
    const outcome = send(waiter, { trust, request, url: url.val, abort, timeouts });
    return ok(new FutureIncomingResponse(outcome, abort));
  });
}

function urlOf({ scheme, authority, pathWithQuery }: OutgoingRequest): Result<string, HttpErrorCode> {
  const name = scheme === undefined ? "https" : (scheme.val ?? scheme.tag).toLowerCase();
  if (name !== "http" && name !== "https") return err({ tag: "HTTP-protocol-error" });
  const url = `${name}://${authority ?? ""}${withSlash(pathWithQuery ?? "")}`;
  return authority !== undefined && URL.canParse(url) ? ok(url) : err({ tag: "HTTP-request-URI-invalid" });
}

function withSlash(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

interface Sending {
  readonly trust: Trust;
  readonly request: OutgoingRequest;
  readonly url: string;
  readonly abort: AbortController;
  readonly timeouts: ReadonlyMap<string, bigint>;
}

const NS_PER_MS = 1_000_000n;
const MAX_TIMEOUT_MS = 2n ** 31n - 1n;

// Never rejects. In use until the answer's head is there; reading its body waits for events anyway.
async function send(waiter: Waiter, { trust, request, url, abort, timeouts }: Sending): Promise<Outcome> {
  using _inUse = waiter.useEventLoop();
  const limit = timeLimit(timeouts);
  const timer =
    limit === undefined
      ? undefined
      : setTimeout(() => abort.abort(new HttpFailure({ tag: limit.tag })), limit.afterMs);
  try {
    // A guest writes a small body right after this call: it then goes as a whole, with its length.
    if (request.body !== undefined) await new Promise((resolve) => setImmediate(resolve));
    const response = await fetch(url, {
      method: (request.method.val ?? request.method.tag).toUpperCase(),
      headers: request.fields.toPairs(),
      redirect: "manual",
      decompress: false,
      signal: abort.signal,
      ...(await trust(url)),
      ...(request.body !== undefined && { body: request.body.toBodyInit(), duplex: "half" }),
    });
    return ok(new IncomingResponse(response));
  } catch (error) {
    return err(httpErrorCode(abort.signal.aborted ? abort.signal.reason : error));
  } finally {
    clearTimeout(timer);
  }
}

// Connecting and waiting for the first byte are one wait to the platform.
function timeLimit(timeouts: ReadonlyMap<string, bigint>): { tag: string; afterMs: number } | undefined {
  const connect = timeouts.get("connect-timeout");
  const firstByte = timeouts.get("first-byte-timeout");
  if (connect === undefined && firstByte === undefined) return undefined;
  const totalMs = ((connect ?? 0n) + (firstByte ?? 0n)) / NS_PER_MS;
  const afterMs = Number(totalMs > MAX_TIMEOUT_MS ? MAX_TIMEOUT_MS : totalMs);
  return { tag: firstByte === undefined ? "connection-timeout" : "HTTP-response-timeout", afterMs };
}
