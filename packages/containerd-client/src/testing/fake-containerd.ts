// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition as GrpcService,
} from "@grpc/grpc-js";
import { ContainersDefinition } from "@runwasi/containerd-api/gen/services/containers/v1/containers.ts";
import {
  ContentDefinition,
  type ReadContentRequest,
  type ReadContentResponse,
} from "@runwasi/containerd-api/gen/services/content/v1/content.ts";
import { ImagesDefinition } from "@runwasi/containerd-api/gen/services/images/v1/images.ts";
import { IntrospectionDefinition } from "@runwasi/containerd-api/gen/services/introspection/v1/introspection.ts";
import type { MessageCodec, MethodDefinition, ServiceDefinition } from "@runwasi/ttrpc";
import type { ImageRecord } from "../image-of-container.ts";

/** What a fake containerd knows; a test may change it while it serves. */
export interface FakeState {
  /** Content by digest, true to it or not. */
  readonly blobs: Map<string, Uint8Array>;
  /** What the content store exports as its folder; undefined for a store that is not on this host. */
  readonly contentRoot?: string;
  /** Names of images by container's id. */
  readonly containers?: ReadonlyMap<string, string>;
  readonly images?: ReadonlyMap<string, ImageRecord["target"]>;
}

/** A gRPC server on a socket of its own, which answers as containerd does. */
export interface FakeContainerd extends Disposable {
  readonly address: string;
  /** Names of the methods that were called, with the containerd namespace: `default Get`. */
  readonly calls: readonly string[];
}

/** Small enough for HTTP/2's first window: Bun 1.4 may never go on with a message that had to wait for it. */
const READ_CHUNK_BYTES = 16 << 10;

/** Serves what `state` says; the caller disposes. */
export async function startFakeContainerd(state: FakeState): Promise<FakeContainerd> {
  const folder = mkdtempSync(join(tmpdir(), "fake-containerd-"));
  const address = join(folder, "containerd.sock");
  const calls: string[] = [];
  const server = new Server();
  const unary = <Request, Response>(
    service: ServiceDefinition,
    method: MethodDefinition<Request, Response>,
    answer: (request: Request) => Response | undefined,
  ) =>
    server.addService(grpcService(service, method), {
      [method.name](call: ServerUnaryCall<Request, Response>, respond: sendUnaryData<Response>) {
        calls.push(`${String(call.metadata.get("containerd-namespace")[0])} ${method.name}`);
        const response = answer(call.request);
        if (response === undefined) respond({ code: status.NOT_FOUND, details: "not found" });
        else respond(null, response);
      },
    });
  serveRecords(unary, state);
  server.addService(grpcService(ContentDefinition, ContentDefinition.methods.read), {
    Read(call: ServerWritableStream<ReadContentRequest, ReadContentResponse>) {
      calls.push("Read");
      const bytes = state.blobs.get(call.request.digest);
      if (bytes === undefined) {
        call.emit("error", notFound(call.request.digest));
        return;
      }
      for (let offset = 0; offset < bytes.length; offset += READ_CHUNK_BYTES) {
        call.write({ offset: BigInt(offset), data: bytes.subarray(offset, offset + READ_CHUNK_BYTES) });
      }
      call.end();
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.bindAsync(`unix://${address}`, ServerCredentials.createInsecure(), (error) =>
    error === null ? resolve() : reject(error),
  );
  await promise;
  return {
    address,
    calls,
    [Symbol.dispose]() {
      server.forceShutdown();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type ServeUnary = <Request, Response>(
  service: ServiceDefinition,
  method: MethodDefinition<Request, Response>,
  answer: (request: Request) => Response | undefined,
) => void;

function serveRecords(unary: ServeUnary, { contentRoot, containers, images }: FakeState): void {
  unary(IntrospectionDefinition, IntrospectionDefinition.methods.plugins, () => ({
    plugins: [
      {
        type: "io.containerd.content.v1",
        id: "content",
        requires: [],
        platforms: [],
        exports: contentRoot === undefined ? { address: "/elsewhere.sock" } : { root: contentRoot },
        capabilities: [],
        initErr: undefined,
      },
    ],
  }));
  unary(ContainersDefinition, ContainersDefinition.methods.get, ({ id }) => {
    const image = containers?.get(id);
    return image === undefined ? undefined : { container: { ...BARE_CONTAINER, id, image } };
  });
  unary(ImagesDefinition, ImagesDefinition.methods.get, ({ name }) => {
    const target = images?.get(name);
    if (target === undefined) return undefined;
    const descriptor = { ...target, annotations: {} };
    return { image: { name, labels: {}, target: descriptor, createdAt: undefined, updatedAt: undefined } };
  });
}

const BARE_CONTAINER = {
  labels: {},
  runtime: undefined,
  spec: undefined,
  snapshotter: "",
  snapshotKey: "",
  createdAt: undefined,
  updatedAt: undefined,
  extensions: {},
  sandbox: "",
};

function notFound(what: string): Error {
  return Object.assign(new Error(what), { code: status.NOT_FOUND, details: `${what}: not found` });
}

function grpcService<Request, Response>(
  { fullName }: ServiceDefinition,
  { name, requestType, requestStream, responseType, responseStream }: MethodDefinition<Request, Response>,
): GrpcService {
  const serializer =
    <T>(codec: MessageCodec<T>) =>
    (message: T) =>
      Buffer.from(codec.encode(message).finish());
  return {
    [name]: {
      path: `/${fullName}/${name}`,
      requestStream,
      responseStream,
      requestSerialize: serializer(requestType),
      requestDeserialize: (bytes: Buffer) => requestType.decode(bytes),
      responseSerialize: serializer(responseType),
      responseDeserialize: (bytes: Buffer) => responseType.decode(bytes),
    },
  };
}
