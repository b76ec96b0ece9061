// SPDX-License-Identifier: Apache-2.0
// A service written as ts-proto would generate it, for tests. The message is google.protobuf.BytesValue, which Go has too.
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import type { MessageCodec } from "../definition.ts";

/** google.protobuf.BytesValue. */
export interface BytesValue {
  value: Uint8Array;
}

const VALUE_TAG = 0x0a;

export const BytesValue: MessageCodec<BytesValue> = {
  encode(message: BytesValue, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.value.length !== 0) {
      writer.uint32(VALUE_TAG).bytes(message.value);
    }
    return writer;
  },
  decode(input: BinaryReader | Uint8Array, length?: number): BytesValue {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const end = length === undefined ? reader.len : reader.pos + length;
    const message: BytesValue = { value: new Uint8Array(0) };
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag === VALUE_TAG) {
        message.value = reader.bytes();
      } else {
        reader.skip(tag & 7);
      }
    }
    return message;
  },
};

/** google.protobuf.StringValue. */
export interface StringValue {
  value: string;
}

export const StringValue: MessageCodec<StringValue> = {
  encode(message: StringValue, writer: BinaryWriter = new BinaryWriter()): BinaryWriter {
    if (message.value !== "") {
      writer.uint32(VALUE_TAG).string(message.value);
    }
    return writer;
  },
  decode(input: BinaryReader | Uint8Array, length?: number): StringValue {
    const reader = input instanceof BinaryReader ? input : new BinaryReader(input);
    const end = length === undefined ? reader.len : reader.pos + length;
    const message: StringValue = { value: "" };
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag === VALUE_TAG) {
        message.value = reader.string();
      } else {
        reader.skip(tag & 7);
      }
    }
    return message;
  },
};

/** What the tests serve. `Fail` takes `code message` and answers with that status; `Wait` ends when its signal aborts. */
export const EchoDefinition = {
  name: "Echo",
  fullName: "runwasi.ttrpc.test.Echo",
  methods: {
    echo: {
      name: "Echo",
      requestType: BytesValue as typeof BytesValue,
      requestStream: false,
      responseType: BytesValue as typeof BytesValue,
      responseStream: false,
      options: {},
    },
    describe: {
      name: "Describe",
      requestType: StringValue as typeof StringValue,
      requestStream: false,
      responseType: StringValue as typeof StringValue,
      responseStream: false,
      options: {},
    },
    fail: {
      name: "Fail",
      requestType: StringValue as typeof StringValue,
      requestStream: false,
      responseType: BytesValue as typeof BytesValue,
      responseStream: false,
      options: {},
    },
    wait: {
      name: "Wait",
      requestType: BytesValue as typeof BytesValue,
      requestStream: false,
      responseType: BytesValue as typeof BytesValue,
      responseStream: false,
      options: {},
    },
    watch: {
      name: "Watch",
      requestType: BytesValue as typeof BytesValue,
      requestStream: false,
      responseType: BytesValue as typeof BytesValue,
      responseStream: true,
      options: {},
    },
  },
} as const;
