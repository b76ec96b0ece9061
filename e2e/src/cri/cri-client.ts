// SPDX-License-Identifier: Apache-2.0
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import {
  ImageServiceDefinition,
  RuntimeServiceDefinition,
  type DeepPartial,
  type MessageFns,
} from "../../gen/cri.ts";

/** As the kubelet's runtimeRequestTimeout. */
const TIMEOUT_MS = 120_000;

interface UnaryMethod<Request, Response> {
  readonly name: string;
  readonly requestType: MessageFns<Request>;
  readonly requestStream: false;
  readonly responseType: MessageFns<Response>;
  readonly responseStream: false;
}

type Call = <Request, Response>(
  method: UnaryMethod<Request, Response>,
  request: DeepPartial<NoInfer<Request>>,
) => Promise<Response>;

/** CRI as the kubelet speaks it; calls reject with a gRPC ServiceError. */
export interface CriClient extends Disposable {
  /** Calls a method of `RUNTIME`. */
  readonly runtime: Call;
  /** Calls a method of `IMAGES`. */
  readonly images: Call;
}

export const RUNTIME: typeof RuntimeServiceDefinition.methods = RuntimeServiceDefinition.methods;
export const IMAGES: typeof ImageServiceDefinition.methods = ImageServiceDefinition.methods;

/** Connects to a containerd's socket with the first call; the caller disposes. */
export function openCri(socket: string): CriClient {
  const client = new Client(`unix:${socket}`, credentials.createInsecure());
  return {
    runtime: callsOf(client, RuntimeServiceDefinition.fullName),
    images: callsOf(client, ImageServiceDefinition.fullName),
    [Symbol.dispose]: () => client.close(),
  };
}

function callsOf(client: Client, service: string): Call {
  return <Request, Response>(
    { name, requestType, responseType }: UnaryMethod<Request, Response>,
    request: DeepPartial<Request>,
  ) =>
    new Promise<Response>((resolve, reject) => {
      client.makeUnaryRequest(
        `/${service}/${name}`,
        (message: Request) => Buffer.from(requestType.encode(message).finish()),
        (bytes) => responseType.decode(bytes),
        requestType.fromPartial(request),
        { deadline: Date.now() + TIMEOUT_MS },
        (error: ServiceError | null, response?: Response) => {
          if (error !== null) reject(error);
          else if (response === undefined) reject(new Error(`${name} was answered by nothing`));
          else resolve(response);
        },
      );
    });
}
