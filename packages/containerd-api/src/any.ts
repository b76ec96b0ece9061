// SPDX-License-Identifier: Apache-2.0
import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { Any } from "../gen/google/protobuf/any.ts";

interface Encoder<T> {
  encode(message: T): BinaryWriter;
}

interface Decoder<T> {
  decode(bytes: Uint8Array): T;
}

/**
 * Packs a message under its full protobuf name, bare as containerd's typeurl package writes it (no
 * `type.googleapis.com/`).
 */
export function packAny<T>(typeName: string, codec: Encoder<T>, message: T): Any {
  return { typeUrl: typeName, value: codec.encode(message).finish() };
}

/** Unpacks a message of the type named; undefined when the Any holds another. Throws on malformed bytes. */
export function unpackAny<T>(any: Any, typeName: string, codec: Decoder<T>): T | undefined {
  return any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1) === typeName
    ? codec.decode(any.value)
    : undefined;
}
