// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";

/** The name of a gRPC status, such as `NOT_FOUND`: https://grpc.io/docs/guides/status-codes/ */
export type GrpcStatus = keyof typeof status;

/** A call that containerd refused, or that did not reach it (UNAVAILABLE, DEADLINE_EXCEEDED). */
export class ContainerdError extends Error {
  readonly status: GrpcStatus;

  constructor(grpcStatus: GrpcStatus, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ContainerdError";
    this.status = grpcStatus;
  }
}

/** What @grpc/grpc-js fails with. @param method for the message, which has containerd's own words behind it */
export function toContainerdError(method: string, error: unknown): ContainerdError {
  if (!(error instanceof Error)) return new ContainerdError("UNKNOWN", `${method}: ${String(error)}`);
  const code = "code" in error && typeof error.code === "number" ? error.code : status.UNKNOWN;
  const words = "details" in error && typeof error.details === "string" ? error.details : error.message;
  return new ContainerdError(statusName(code), `${method}: ${words}`, { cause: error });
}

function statusName(code: number): GrpcStatus {
  const name = status[code]; // an enum of TypeScript's: it maps both ways
  return name !== undefined && isStatus(name) ? name : "UNKNOWN";
}

function isStatus(name: string): name is GrpcStatus {
  return name in status;
}
