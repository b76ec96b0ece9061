// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { connect } from "./client.ts";
import { fromHex } from "./testing/bytes.ts";
import { EchoDefinition } from "./testing/echo.ts";
import { createSocketPath } from "./testing/socket-path.ts";

test("a server on an inherited listening socket answers a call made before it was up, and leaves the path when closed", async () => {
  using socket = createSocketPath();
  const binder = Bun.spawn(
    [process.execPath, join(import.meta.dir, "testing/inherited-server.ts"), socket.path],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  await binder.exited;
  using client = await connect({ path: socket.path });
  const { echo, wait } = EchoDefinition.methods;
  const request = { value: fromHex("01") };
  expect(await client.call(EchoDefinition, echo, request)).toEqual(request);
  expect(await client.call(EchoDefinition, wait, request)).toEqual(request);
  await client.closed;
  expect(existsSync(socket.path)).toBeTrue();
});
