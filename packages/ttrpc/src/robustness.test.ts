// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { connect } from "./client.ts";
import { createRandom, fromHex, randomBytes } from "./testing/bytes.ts";
import { EchoDefinition } from "./testing/echo.ts";
import { startEchoServer } from "./testing/echo-server.ts";
import { openRawPeer } from "./testing/raw-peer.ts";

test("random bytes from one peer harm no other, whatever they mean", async () => {
  const random = createRandom(1234);
  await using server = startEchoServer({ echo: async (request) => request });
  using client = await connect({ path: server.path });
  const request = { value: fromHex("0102") };
  for (let round = 0; round < 200; round++) {
    const peer = await openRawPeer(server.path);
    const bytes = randomBytes(random, 1 + random(400));
    if (random(2) === 0) {
      // A plausible header, so that the bytes after it are looked at.
      bytes.set(fromHex("00000020 00000001 01 00").subarray(0, bytes.length));
    }
    await peer.send(bytes);
    expect(await client.call(EchoDefinition, EchoDefinition.methods.echo, request)).toEqual(request);
    peer[Symbol.dispose]();
    await peer.closed;
  }
  expect(server.events.filter((event) => event.kind === "internal-error")).toEqual([]);
});
