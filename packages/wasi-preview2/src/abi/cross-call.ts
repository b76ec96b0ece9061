// SPDX-License-Identifier: Apache-2.0
import type { CallContext, CoreFunction, CoreValue } from "./call-context.ts";
import { FlatReader, liftFlat, lowerFlat } from "./flat.ts";
import { promising, suspending } from "./jspi.ts";
import { alignTo, layoutOf } from "./layout.ts";
import { load } from "./load.ts";
import { store } from "./store.ts";
import type { FunctionType, ValueType } from "./value-type.ts";

// CanonicalABI.md: MAX_FLAT_PARAMS and MAX_FLAT_RESULTS
const MAX_FLAT_PARAMS = 16;
const MAX_FLAT_RESULTS = 1;

/** A function between components, or of the host. */
export interface ComponentFunction {
  readonly type: FunctionType;
  /** Whether a call may answer with a promise, for which its caller is suspended. */
  readonly mayBlock: boolean;
  readonly call: (args: readonly unknown[]) => unknown;
}

/** A core function as a component's own: what it exports. */
export interface LiftOptions {
  readonly core: CoreFunction;
  readonly type: FunctionType;
  readonly context: CallContext;
  readonly postReturn: CoreFunction | undefined;
  readonly mayBlock: boolean;
}

/** CanonicalABI.md, `canon lift`. */
export function liftFunction({ core, type, context, postReturn, mayBlock }: LiftOptions): ComponentFunction {
  const finish = (returned: unknown): unknown => {
    const result = liftResult(context, type.result, returned);
    if (postReturn !== undefined) postReturn(...coreValues(returned));
    return result;
  };
  const entry = mayBlock ? promising(core) : core;
  return {
    type,
    mayBlock,
    call(args) {
      const returned = entry(...lowerParameters(context, type, args));
      return returned instanceof Promise ? returned.then(finish) : finish(returned);
    },
  };
}

/** CanonicalABI.md, `canon lower`: a component's import as the function that its core module calls. */
export function lowerFunction(func: ComponentFunction, context: CallContext): CoreFunction {
  const { type } = func;
  const params = type.params.map((param) => param.type);
  const flatParams = flatCount(params);
  const resultInMemory = type.result !== undefined && flatCount([type.result]) > MAX_FLAT_RESULTS;
  const body = (...values: readonly CoreValue[]): unknown => {
    const source = new FlatReader(values);
    const args =
      flatParams > MAX_FLAT_PARAMS
        ? loadTuple(context, source.u32(), params)
        : params.map((param) => liftFlat(context, source, param));
    const resultPointer = resultInMemory ? source.u32() : 0;
    const finish = (result: unknown): unknown => lowerResult(context, type.result, result, resultPointer);
    const result = func.call(args);
    return result instanceof Promise ? result.then(finish) : finish(result);
  };
  return func.mayBlock ? suspending(body) : body;
}

function flatCount(types: readonly ValueType[]): number {
  return types.reduce((count, type) => count + layoutOf(type).flat.length, 0);
}

function lowerParameters(context: CallContext, type: FunctionType, args: readonly unknown[]): CoreValue[] {
  const params = type.params.map((param) => param.type);
  const values: CoreValue[] = [];
  if (flatCount(params) <= MAX_FLAT_PARAMS) {
    for (const [index, param] of params.entries()) lowerFlat(context, values, param, args[index]);
    return values;
  }
  const tuple: ValueType = { kind: "tuple", types: params };
  const { sizeBytes, alignment } = layoutOf(tuple);
  const pointer = context.allocate(sizeBytes, alignment);
  store(context, pointer, tuple, args);
  return [pointer];
}

function loadTuple(context: CallContext, pointer: number, types: readonly ValueType[]): readonly unknown[] {
  let offset = 0;
  return types.map((type) => {
    const { sizeBytes, alignment } = layoutOf(type);
    offset = alignTo(offset, alignment);
    context.memory.check(pointer + offset, sizeBytes, alignment);
    const value = load(context, pointer + offset, type);
    offset += sizeBytes;
    return value;
  });
}

function liftResult(context: CallContext, type: ValueType | undefined, returned: unknown): unknown {
  if (type === undefined) return undefined;
  const source = new FlatReader(coreValues(returned));
  const { flat, sizeBytes, alignment } = layoutOf(type);
  if (flat.length <= MAX_FLAT_RESULTS) return liftFlat(context, source, type);
  const pointer = source.u32();
  context.memory.check(pointer, sizeBytes, alignment);
  return load(context, pointer, type);
}

function lowerResult(
  context: CallContext,
  type: ValueType | undefined,
  result: unknown,
  pointer: number,
): unknown {
  if (type === undefined) return undefined;
  const { flat, sizeBytes, alignment } = layoutOf(type);
  if (flat.length > MAX_FLAT_RESULTS) {
    context.memory.check(pointer, sizeBytes, alignment);
    store(context, pointer, type, result);
    return undefined;
  }
  const values: CoreValue[] = [];
  lowerFlat(context, values, type, result);
  return values[0];
}

function coreValues(returned: unknown): readonly CoreValue[] {
  return typeof returned === "number" || typeof returned === "bigint" ? [returned] : [];
}
