// Gets the URL in args[1] with wasi:http and prints the status and the body; exits with 1 when it cannot.
// SPDX-License-Identifier: Apache-2.0
import environment from "wasi:cli/environment@0.2.10";
import stderr from "wasi:cli/stderr@0.2.10";
import stdout from "wasi:cli/stdout@0.2.10";
import exit from "wasi:cli/exit@0.2.10";
import outgoingHandler from "wasi:http/outgoing-handler@0.2.10";
import { Fields, OutgoingRequest } from "wasi:http/types@0.2.10";
import { errorCode } from "./error-code.js";
import { copy, dispose, wait, writeAll } from "./streams.js";
import { encode } from "./text.js";

export const run = {
  run() {
    const [, url = ""] = environment.getArguments();
    try {
      print(send(url));
    } catch (error) {
      writeAll(stderr.getStderr(), encode(`cannot get ${url}: ${errorCode(error)}\n`));
      exit.exit({ tag: "err" });
    }
  },
};

/** Throws the error-code of wasi:http. */
function send(url) {
  const [, scheme, authority, path] = /^(https?):\/\/([^/?#]+)([^#]*)/.exec(url) ?? [];
  if (authority === undefined) throw new Error("not a URL of http: or https:");
  const request = new OutgoingRequest(new Fields());
  request.setScheme({ tag: scheme === "https" ? "HTTPS" : "HTTP" });
  request.setAuthority(authority);
  request.setPathWithQuery(path.startsWith("/") ? path : `/${path}`);
  const future = outgoingHandler.handle(request, null);
  wait(future.subscribe());
  const answer = future.get().val;
  dispose(future);
  if (answer.tag === "err") throw answer.val;
  return answer.val;
}

function print(response) {
  const output = stdout.getStdout();
  writeAll(output, encode(`${response.status()}\n`));
  const body = response.consume();
  const input = body.stream();
  copy(input, output);
  dispose(input, body, response, output);
}
