// SPDX-License-Identifier: Apache-2.0
// HTTP requests from a process in another network namespace. That process runs this very file.
import { runCommand } from "./command.ts";
import type { NetworkNamespace } from "./network-namespace.ts";

export interface HttpRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** When each piece of the body had arrived, counted from the request. */
  readonly piecesAtMs: readonly number[];
}

/** Sends requests, all at once, from inside a namespace, and answers them in order. Throws when one gets no answer. */
export async function requestInside(
  network: Pick<NetworkNamespace, "enter">,
  requests: readonly HttpRequest[],
): Promise<readonly HttpAnswer[]> {
  const argv = network.enter([process.execPath, import.meta.path]);
  const stdin = JSON.stringify(requests);
  const { stdout, stderr, exitCode } = await runCommand(argv, { stdin, timeoutMs: 60_000 });
  if (exitCode !== 0) throw new Error(`cannot request ${requests[0]?.url}: ${stderr}`);
  return parseAnswers(JSON.parse(stdout));
}

async function request({ url, method = "GET", headers = {}, body }: HttpRequest): Promise<HttpAnswer> {
  const startedAtMs = performance.now();
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  const piecesAtMs: number[] = [];
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of response.body ?? []) {
    piecesAtMs.push(performance.now() - startedAtMs);
    text += decoder.decode(piece, { stream: true });
  }
  return { status: response.status, body: text, piecesAtMs };
}

function parseAnswers(value: unknown): readonly HttpAnswer[] {
  if (Array.isArray(value) && value.every(isAnswer)) return value;
  throw new Error(`no answers: ${JSON.stringify(value)}`);
}

function isAnswer(value: unknown): value is HttpAnswer {
  return typeof value === "object" && value !== null && "status" in value && "body" in value;
}

function isRequest(value: unknown): value is HttpRequest {
  return typeof value === "object" && value !== null && "url" in value;
}

if (import.meta.main) {
  const requests: unknown = await Bun.stdin.json();
  if (!Array.isArray(requests) || !requests.every(isRequest)) throw new Error("no requests");
  process.stdout.write(JSON.stringify(await Promise.all(requests.map(request))));
}
