// SPDX-License-Identifier: Apache-2.0
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { connect, type MessageCodec, serve, service, StatusCode, TtrpcError } from "@runwasi/ttrpc";

interface Text {
  text: string;
}

// What ts-proto generates from a .proto file, in short.
const Text: MessageCodec<Text> = {
  encode: (message, writer = new BinaryWriter()) => writer.uint32(0x0a).string(message.text),
  decode(input, length) {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const end = length === undefined ? reader.len : reader.pos + length;
    let text = "";
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag === 0x0a) {
        text = reader.string();
      } else {
        reader.skip(tag & 7);
      }
    }
    return { text };
  },
};
const GreeterDefinition = {
  name: "Greeter",
  fullName: "example.Greeter",
  methods: {
    greet: {
      name: "Greet",
      requestType: Text,
      requestStream: false,
      responseType: Text,
      responseStream: false,
    },
  },
} as const;

const path = `/tmp/greeter-${process.pid}.sock`;
await using _server = serve({
  listen: { path },
  services: [service(GreeterDefinition, { greet: async ({ text }) => ({ text: `hello, ${text}` }) })],
  toStatus: (error) =>
    error instanceof TtrpcError ? error : { code: StatusCode.Unknown, message: String(error) },
});

using client = await connect({ path });
const { greet } = GreeterDefinition.methods;
const answer = await client.call(GreeterDefinition, greet, { text: "shim" }, { timeoutMs: 1000 });
process.stdout.write(`${answer.text}\n`);
