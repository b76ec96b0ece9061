// SPDX-License-Identifier: Apache-2.0
import type { ClientDuplexStream } from "@grpc/grpc-js";
import { ContainerdError, toContainerdError } from "./containerd-error.ts";

/** A call with streams both ways in which each request is answered before the next is sent. */
export interface DuplexCall<Request, Response> extends Disposable {
  /** Sends a request and resolves with its answer. Rejects with ContainerdError; the call has ended then. */
  exchange(request: Request): Promise<Response>;
}

/** @param name of the method, for errors */
export function duplexCall<Request, Response>(
  stream: ClientDuplexStream<Request, Response>,
  name: string,
): DuplexCall<Request, Response> {
  let failure: ContainerdError | undefined;
  let waiting: PromiseWithResolvers<Response> | undefined;
  const fail = (error: ContainerdError) => {
    failure ??= error;
    waiting?.reject(failure);
  };
  stream.on("data", (response: Response) => waiting?.resolve(response));
  stream.on("error", (error: Error) => fail(toContainerdError(name, error)));
  stream.on("end", () => fail(new ContainerdError("CANCELLED", `${name}: containerd ended the call`)));
  return {
    exchange(request) {
      if (failure !== undefined) return Promise.reject(failure);
      waiting = Promise.withResolvers();
      stream.write(request);
      return waiting.promise;
    },
    [Symbol.dispose]() {
      stream.end();
      stream.cancel();
    },
  };
}
