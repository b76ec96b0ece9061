// SPDX-License-Identifier: Apache-2.0
import { Client, credentials, Metadata, type CallOptions as GrpcOptions } from "@grpc/grpc-js";
import type { MessageCodec, MethodDefinition, ServiceDefinition } from "@runwasi/ttrpc";
import { ContainerdError, toContainerdError } from "./containerd-error.ts";
import { duplexCall, type DuplexCall } from "./duplex-call.ts";

/** A call that takes longer has failed: containerd answers in milliseconds, and Create waits for it. */
const CALL_TIMEOUT_MS = 10_000;
/** For a call that moves a whole blob. */
const TRANSFER_TIMEOUT_MS = 120_000;
/** As much as containerd takes or sends in one message: DefaultMaxRecvMsgSize of its package defaults. */
const MAX_MESSAGE_BYTES = 16 << 20;

/** Which containerd, and whose objects. */
export interface ConnectOptions {
  /** Path of containerd's gRPC socket, as shims are told by `-address`. */
  readonly address: string;
  /** The containerd namespace of all calls. */
  readonly namespace: string;
}

/** What is said with a call. */
export interface CallOptions {
  /** Id of the lease that keeps what the call makes. */
  readonly lease?: string;
}

/** A client of containerd. It connects with the first call; dispose it, or it keeps the process alive. */
export interface ContainerdClient extends Disposable {
  /** Calls a unary method. Rejects with ContainerdError, after 10 seconds with DEADLINE_EXCEEDED. */
  call<Request, Response>(
    service: ServiceDefinition,
    method: Method<Request, Response, false, false>,
    request: NoInfer<Request>,
    options?: CallOptions,
  ): Promise<Response>;
  /** Calls a method that answers with a stream. Throws ContainerdError while that is read; it takes 2 minutes at most. */
  readStream<Request, Response>(
    service: ServiceDefinition,
    method: Method<Request, Response, false, true>,
    request: NoInfer<Request>,
  ): AsyncIterable<Response>;
  /** Calls a method with streams both ways. The caller disposes, which cancels a call that has not ended. */
  openStream<Request, Response>(
    service: ServiceDefinition,
    method: Method<Request, Response, true, true>,
    options?: CallOptions,
  ): DuplexCall<Request, Response>;
}

type Method<Request, Response, RequestStream, ResponseStream> = MethodDefinition<Request, Response> & {
  readonly requestStream: RequestStream;
  readonly responseStream: ResponseStream;
};

/** Makes a client of the containerd at a socket. */
export function connectContainerd({ address, namespace }: ConnectOptions): ContainerdClient {
  const client = new Client(`unix://${address}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
    // Clients of one address would share a connection and its window, which `content-store.ts` counts on for itself.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_http_proxy": 0, // the environment's proxy is not for a unix socket
  });
  return {
    call: (service, method, request, options) =>
      unaryCall(client, { service, method, request }, metadataOf(namespace, options)),
    async *readStream(service, method, request) {
      const { path, encode, decode } = wireOf(service, method);
      const stream = client.makeServerStreamRequest(
        path,
        encode,
        decode,
        request,
        metadataOf(namespace),
        within(TRANSFER_TIMEOUT_MS),
      );
      try {
        for await (const message of stream) yield message;
      } catch (error) {
        throw toContainerdError(method.name, error);
      } finally {
        stream.cancel();
      }
    },
    openStream(service, method, options) {
      const { path, encode, decode } = wireOf(service, method);
      const metadata = metadataOf(namespace, options);
      return duplexCall(
        client.makeBidiStreamRequest(path, encode, decode, metadata, within(TRANSFER_TIMEOUT_MS)),
        method.name,
      );
    },
    [Symbol.dispose]: () => client.close(),
  };
}

interface UnaryCall<Request, Response> {
  readonly service: ServiceDefinition;
  readonly method: MethodDefinition<Request, Response>;
  readonly request: Request;
}

function unaryCall<Request, Response>(
  client: Client,
  { service, method, request }: UnaryCall<Request, Response>,
  metadata: Metadata,
): Promise<Response> {
  const { path, encode, decode } = wireOf(service, method);
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  client.makeUnaryRequest(
    path,
    encode,
    decode,
    request,
    metadata,
    within(CALL_TIMEOUT_MS),
    (error, response) => {
      if (error !== null) reject(toContainerdError(method.name, error));
      else if (response === undefined) reject(new ContainerdError("INTERNAL", `${method.name}: no response`));
      else resolve(response);
    },
  );
  return promise;
}

function metadataOf(namespace: string, { lease }: CallOptions = {}): Metadata {
  const metadata = new Metadata();
  metadata.set("containerd-namespace", namespace);
  if (lease !== undefined) metadata.set("containerd-lease", lease);
  return metadata;
}

function within(timeoutMs: number): GrpcOptions {
  return { deadline: Date.now() + timeoutMs };
}

interface Wire<Request, Response> {
  readonly path: string;
  readonly encode: (message: Request) => Buffer;
  readonly decode: (bytes: Buffer) => Response;
}

function wireOf<Request, Response>(
  { fullName }: ServiceDefinition,
  { name, requestType, responseType }: MethodDefinition<Request, Response>,
): Wire<Request, Response> {
  return {
    path: `/${fullName}/${name}`,
    encode: encoderOf(requestType),
    decode: (bytes) => responseType.decode(bytes),
  };
}

function encoderOf<T>(codec: MessageCodec<T>): (message: T) => Buffer {
  return (message) => {
    const { buffer, byteOffset, byteLength } = codec.encode(message).finish();
    return Buffer.from(buffer, byteOffset, byteLength);
  };
}
