// Answers HTTP requests: a greeting, an echo, streams, late answers, a counter.
// SPDX-License-Identifier: Apache-2.0
import clock from "wasi:clocks/monotonic-clock@0.2.10";
import { Fields, OutgoingBody, OutgoingResponse, ResponseOutparam } from "wasi:http/types@0.2.10";
import { copy, dispose, wait, writeAll } from "./streams.js";
import { decode, encode } from "./text.js";

/** More than one when the host gives an instance more than one request. */
let requests = 0;

const ROUTES = {
  "GET /": (_request, respond) => respond(200, (output) => writeAll(output, encode("hello from wasi:http"))),
  "POST /echo": echo,
  "GET /headers": headers,
  "GET /stream": stream,
  "GET /slow": slow,
  "GET /count": (_request, respond) => respond(200, (output) => writeAll(output, encode(`${requests}`))),
};

export const incomingHandler = {
  handle(request, responseOut) {
    requests += 1;
    const [path, query = ""] = (request.pathWithQuery() ?? "/").split("?");
    const route = ROUTES[`${request.method().tag.toUpperCase()} ${path}`] ?? notFound;
    route(request, (status, write) => respond(responseOut, status, write), query);
  },
};

/** Sends the head, then what `write` writes to the body. */
function respond(responseOut, status, write) {
  const response = new OutgoingResponse(new Fields());
  response.setStatusCode(status);
  const body = response.body();
  ResponseOutparam.set(responseOut, { tag: "ok", val: response });
  const output = body.write();
  write(output);
  dispose(output);
  OutgoingBody.finish(body, null);
}

function notFound(_request, respond) {
  respond(404, (output) => writeAll(output, encode("not found")));
}

function echo(request, respond) {
  const body = request.consume();
  const input = body.stream();
  respond(200, (output) => copy(input, output));
  dispose(input, body);
}

/** Answers the request's headers, a line each, in the order of their names. */
function headers(request, respond) {
  const lines = request
    .headers()
    .entries()
    .map(([name, value]) => `${name}: ${decode(value)}\n`);
  respond(200, (output) => writeAll(output, encode(lines.toSorted().join(""))));
}

/** `/stream?chunks=<number>&ms=<before each>` */
function stream(_request, respond, query) {
  respond(200, (output) => {
    for (let chunk = 1; chunk <= parameter(query, "chunks"); chunk += 1) {
      sleep(parameter(query, "ms"));
      writeAll(output, encode(`chunk ${chunk}\n`));
    }
  });
}

/** `/slow?ms=<before the head>` */
function slow(_request, respond, query) {
  sleep(parameter(query, "ms"));
  respond(200, (output) => writeAll(output, encode("slow")));
}

function parameter(query, name) {
  return Number(new RegExp(`(?:^|&)${name}=(\\d+)`).exec(query)?.[1] ?? 0);
}

function sleep(ms) {
  wait(clock.subscribeDuration(ms * 1_000_000));
}
