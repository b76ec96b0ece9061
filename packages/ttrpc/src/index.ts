// SPDX-License-Identifier: Apache-2.0
export { connect, type ConnectOptions, type TtrpcClient } from "./client.ts";
export type { CallOptions } from "./client-connection.ts";
export type {
  MessageCodec,
  MethodDefinition,
  RequestOf,
  ResponseOf,
  ServiceDefinition,
  UnaryMethodDefinition,
} from "./definition.ts";
export type { TtrpcEvent, TtrpcLog } from "./event.ts";
export type { Metadata } from "./request.ts";
export { type ServeOptions, serve, type TtrpcServer } from "./server.ts";
export { type CallContext, type Handler, type Handlers, type Service, service } from "./service.ts";
export { type Status, StatusCode, type StatusDetail } from "./status.ts";
export { TtrpcError, type TtrpcErrorOptions } from "./ttrpc-error.ts";
