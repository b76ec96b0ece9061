// SPDX-License-Identifier: Apache-2.0
import { expect } from "bun:test";
import type { DetachedContainer } from "../../harness/detached.ts";
import { requestInside, type HttpAnswer, type HttpRequest } from "../../harness/http-request.ts";
import { openNetworkNamespace, type NetworkNamespace } from "../../harness/network-namespace.ts";
import { waitUntil } from "../../harness/wait-until.ts";
import type { CaseContext, CaseGroup } from "../engine-case.ts";

const DEFAULT_PORT = 8080;
/** Until it serves, an engine may compile a megabyte for some seconds. */
const READY_TIMEOUT_MS = 60_000;
const SLOW_MS = 1_000;

/** A component that answers HTTP, in a network of its own. */
interface Served {
  readonly container: DetachedContainer;
  readonly network: NetworkNamespace;
  /** Requests by path, all at once. */
  readonly request: (
    ...requests: readonly (Omit<HttpRequest, "url"> & { readonly path: string })[]
  ) => Promise<readonly HttpAnswer[]>;
}

/** Components of wasi:http/incoming-handler. */
export const httpServe: CaseGroup = {
  title: "HTTP, served",
  cases: [
    {
      name: "http-serve",
      title: "status, headers and a body of 1 MB",
      check: (context) => withServer(context, checkAnswers),
    },
    {
      name: "http-serve-stream",
      title: "a body arrives as it is written",
      check: (context) =>
        withServer(context, async ({ request }) => {
          const [answer] = await request({ path: "/stream?chunks=3&ms=300" });
          expect(answer?.body).toBe("chunk 1\nchunk 2\nchunk 3\n");
          const [first = 0, ...rest] = answer?.piecesAtMs ?? [];
          expect((rest.at(-1) ?? 0) - first).toBeGreaterThan(300);
        }),
    },
    {
      name: "http-serve-concurrent",
      title: "requests at the same time",
      check: (context) =>
        withServer(context, async ({ request }) => {
          const answers = await request(
            ...Array.from({ length: 8 }, () => ({ path: `/slow?ms=${SLOW_MS}` })),
          );
          expect(answers.map(({ status, body }) => `${status} ${body}`)).toEqual(Array(8).fill("200 slow"));
          const lastAtMs = Math.max(...answers.flatMap(({ piecesAtMs }) => piecesAtMs));
          expect(lastAtMs).toBeLessThan(SLOW_MS * 4);
        }),
    },
    ...["SIGTERM", "SIGINT"].map((signal) => ({
      name: `http-serve-${signal.toLowerCase()}`,
      title: `${signal}: what is asked is answered, then the container exits with 0`,
      check: (context: CaseContext) => withServer(context, (served) => checkGracefulEnd(served, signal)),
    })),
    {
      name: "http-serve-address",
      title: "`WASMTIME_HTTP_PROXY_SOCKET_ADDR` says where",
      check: (context) =>
        withServer(
          context,
          async ({ request }) => {
            expect(await request({ path: "/" })).toMatchObject([{ status: 200 }]);
          },
          { port: 9090, flags: ["--env", "WASMTIME_HTTP_PROXY_SOCKET_ADDR=127.0.0.1:9090"] },
        ),
    },
  ],
};

async function checkAnswers({ request }: Served): Promise<void> {
  const body = "0123456789".repeat(100_000);
  const [hello, echoed, headers, missing] = await request(
    { path: "/" },
    { path: "/echo", method: "POST", body },
    { path: "/headers", headers: { "X-Test": "a value" } },
    { path: "/nowhere" },
  );
  expect(hello).toMatchObject({ status: 200, body: "hello from wasi:http" });
  expect(echoed?.status).toBe(200);
  expect(echoed?.body === body).toBe(true);
  expect(headers?.body).toContain("x-test: a value\n");
  expect(missing?.status).toBe(404);
}

async function checkGracefulEnd({ container, network, request }: Served, signal: string): Promise<void> {
  const answer = request({ path: `/slow?ms=${SLOW_MS * 2}` });
  await network.accepted(DEFAULT_PORT);
  await container.kill("--signal", signal);
  expect(await answer).toMatchObject([{ status: 200, body: "slow" }]);
  expect(await container.deleted()).toBe(0);
}

async function withServer(
  { start }: CaseContext,
  check: (served: Served) => Promise<void>,
  { port, flags }: { readonly port: number; readonly flags: readonly string[] } = {
    port: DEFAULT_PORT,
    flags: [],
  },
): Promise<void> {
  await using network = await openNetworkNamespace();
  await using container = await start(["/component-http-serve.wasm"], {
    flags: [...network.flags, ...flags],
  });
  const request: Served["request"] = (...requests) =>
    requestInside(
      network,
      requests.map(({ path, ...request }) => ({ ...request, url: `http://127.0.0.1:${port}${path}` })),
    );
  await waitUntil(
    "the component to serve",
    async () => await request({ path: "/" }).catch(() => undefined),
    READY_TIMEOUT_MS,
  );
  await check({ container, network, request });
}
