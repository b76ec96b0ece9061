// SPDX-License-Identifier: Apache-2.0
import { hostFunction } from "../host/host-function.ts";
import { ERROR, INPUT_STREAM, OUTPUT_STREAM, POLLABLE } from "../host/io.ts";
import { IoError } from "../host/stream-error.ts";
import type { Waiter } from "../host/waiter.ts";
import type { HostInterface } from "../link/host-interface.ts";
import { bodyFunctions, FUTURE_TRAILERS, INCOMING_BODY, OUTGOING_BODY } from "./body.ts";
import { FIELDS, fieldsFunctions } from "./fields.ts";
import { httpErrorCode } from "./http-error-code.ts";
import { INCOMING_REQUEST, OUTGOING_REQUEST, REQUEST_OPTIONS, requestFunctions } from "./http-request.ts";
import {
  INCOMING_RESPONSE,
  OUTGOING_RESPONSE,
  RESPONSE_OUTPARAM,
  responseFunctions,
} from "./http-response.ts";
import type { Trust } from "./trust.ts";
import { FUTURE_INCOMING_RESPONSE, futureResponseFunctions, outgoingHandle } from "./outgoing-handler.ts";

const RESOURCES: HostInterface["resources"] = {
  fields: FIELDS,
  "incoming-request": INCOMING_REQUEST,
  "outgoing-request": OUTGOING_REQUEST,
  "request-options": REQUEST_OPTIONS,
  "response-outparam": RESPONSE_OUTPARAM,
  "incoming-response": INCOMING_RESPONSE,
  "incoming-body": INCOMING_BODY,
  "future-trailers": FUTURE_TRAILERS,
  "outgoing-response": OUTGOING_RESPONSE,
  "outgoing-body": OUTGOING_BODY,
  "future-incoming-response": FUTURE_INCOMING_RESPONSE,
  "input-stream": INPUT_STREAM,
  "output-stream": OUTPUT_STREAM,
  "io-error": ERROR,
  error: ERROR,
  pollable: POLLABLE,
};

/** `wasi:http/types` and `wasi:http/outgoing-handler`. */
export function httpInterfaces(waiter: Waiter, trust: Trust): Readonly<Record<string, HostInterface>> {
  return {
    "wasi:http/types": {
      resources: RESOURCES,
      functions: {
        ...fieldsFunctions,
        ...requestFunctions,
        ...responseFunctions,
        ...bodyFunctions,
        ...futureResponseFunctions,
        "http-error-code": hostFunction((error: unknown) =>
          error instanceof IoError ? httpErrorCode(error.cause) : undefined,
        ),
      },
    },
    "wasi:http/outgoing-handler": {
      resources: RESOURCES,
      functions: { handle: outgoingHandle(waiter, trust) },
    },
  };
}
