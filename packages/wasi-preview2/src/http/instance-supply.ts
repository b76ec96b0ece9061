// SPDX-License-Identifier: Apache-2.0
import type { Instance } from "../link/instantiate.ts";

/** Makes instances, one ahead: a request then waits for none unless others came at the same time. */
export class InstanceSupply implements Disposable {
  readonly #create: () => Instance;
  #spare: Instance | undefined;
  #refill: NodeJS.Immediate | undefined;

  /** Throws what `create` throws, which shows at once that a component cannot be linked. */
  constructor(create: () => Instance) {
    this.#create = create;
    this.#spare = create();
  }

  /** The instance that `take` will give next, which stays here. */
  peek(): Instance {
    return (this.#spare ??= this.#create());
  }

  /** An instance that is the caller's. */
  take(): Instance {
    const instance = this.peek();
    this.#spare = undefined;
    this.#refill ??= setImmediate(() => {
      this.#refill = undefined;
      this.peek();
    });
    return instance;
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#refill);
    this.#spare?.[Symbol.dispose]();
  }
}
