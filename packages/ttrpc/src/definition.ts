// SPDX-License-Identifier: Apache-2.0
import type { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";

/** How a message is written and read: the object that ts-proto generates for each message. */
export interface MessageCodec<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  /** Throws when the bytes are not such a message. */
  decode(input: BinaryReader | Uint8Array, length?: number): T;
}

/** A method as ts-proto's `outputServices=generic-definitions` describes it. */
export interface MethodDefinition<Request, Response> {
  /** The name on the wire, such as `Create`. */
  readonly name: string;
  readonly requestType: MessageCodec<Request>;
  readonly requestStream: boolean;
  readonly responseType: MessageCodec<Response>;
  readonly responseStream: boolean;
}

/** A method with one request and one response, the only kind this package carries. */
export interface UnaryMethodDefinition<Request, Response> extends MethodDefinition<Request, Response> {
  readonly requestStream: false;
  readonly responseStream: false;
}

/** A service as ts-proto's `outputServices=generic-definitions` describes it. */
export interface ServiceDefinition {
  /** The name on the wire, such as `containerd.task.v2.Task`. */
  readonly fullName: string;
  readonly methods: Readonly<Record<string, MethodDefinition<unknown, unknown>>>;
}

/** The message type that a method takes. */
export type RequestOf<M> = M extends { readonly requestType: MessageCodec<infer T> } ? T : never;

/** The message type that a method answers with. */
export type ResponseOf<M> = M extends { readonly responseType: MessageCodec<infer T> } ? T : never;
