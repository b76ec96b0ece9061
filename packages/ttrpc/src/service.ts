// SPDX-License-Identifier: Apache-2.0
import type { MessageCodec, RequestOf, ResponseOf, ServiceDefinition } from "./definition.ts";
import type { Metadata } from "./request.ts";

/** What a handler may know about its call besides the request. */
export interface CallContext {
  /** Service and method as on the wire: `/containerd.task.v2.Task/Create`. */
  readonly method: string;
  readonly metadata: Metadata;
  /**
   * Aborts when the caller's deadline passes or its connection ends; `reason` is a `TtrpcError`. The handler decides what
   * to give up: what it returns is still sent if it can be.
   */
  readonly signal: AbortSignal;
}

/** Answers one method. */
export type Handler<Request, Response> = (request: Request, context: CallContext) => Promise<Response>;

type UnaryMethods<S extends ServiceDefinition> = {
  [
    M in keyof S["methods"] as S["methods"][M] extends {
      readonly requestStream: false;
      readonly responseStream: false;
    }
      ? M
      : never
  ]: S["methods"][M];
};

/** The handlers of a service's unary methods; a method without one answers Unimplemented. */
export type Handlers<S extends ServiceDefinition> = {
  readonly [M in keyof UnaryMethods<S>]?: Handler<
    RequestOf<UnaryMethods<S>[M]>,
    ResponseOf<UnaryMethods<S>[M]>
  >;
};

/** A method with its handler, the message types forgotten. */
export interface BoundMethod {
  /** As in `CallContext`. */
  readonly fullName: string;
  readonly requestType: MessageCodec<unknown>;
  readonly responseType: MessageCodec<unknown>;
  readonly handler: Handler<unknown, unknown>;
}

/** A definition bound to handlers, ready to be served. */
export interface Service {
  readonly fullName: string;
  /** By wire name. */
  readonly methods: ReadonlyMap<string, BoundMethod>;
}

/**
 * Binds handlers to the methods of a definition. The handlers are called as plain functions, without `this`.
 * Throws a TypeError for a handler of a streaming method, which the types rule out already.
 */
export function service<S extends ServiceDefinition>(definition: S, handlers: Handlers<S>): Service;
export function service(
  definition: ServiceDefinition,
  handlers: Readonly<Record<string, Handler<unknown, unknown> | undefined>>,
): Service {
  const methods = new Map<string, BoundMethod>();
  for (const [key, method] of Object.entries(definition.methods)) {
    const handler = handlers[key];
    if (handler === undefined) {
      continue;
    }
    const fullName = `/${definition.fullName}/${method.name}`;
    if (method.requestStream || method.responseStream) {
      throw new TypeError(
        `cannot serve method "${fullName}": it is streaming (only unary methods are served)`,
      );
    }
    const { requestType, responseType } = method;
    methods.set(method.name, { fullName, requestType, responseType, handler });
  }
  return { fullName: definition.fullName, methods };
}
