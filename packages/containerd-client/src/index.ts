// SPDX-License-Identifier: Apache-2.0
export {
  type CallOptions,
  connectContainerd,
  type ConnectOptions,
  type ContainerdClient,
} from "./containerd-client.ts";
export { ContainerdError, type GrpcStatus } from "./containerd-error.ts";
export {
  contentFolder,
  contentInfo,
  type ContentInfo,
  deleteContent,
  labelContent,
  type NewContent,
  readContent,
  writeContent,
} from "./content-store.ts";
export type { DuplexCall } from "./duplex-call.ts";
export { type ImageRecord, imageOfContainer } from "./image-of-container.ts";
export { createLease, type Lease } from "./lease.ts";
