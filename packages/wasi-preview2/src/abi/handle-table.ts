// SPDX-License-Identifier: Apache-2.0
import { trap } from "../component-error.ts";
import type { ResourceType } from "./value-type.ts";

interface Handle {
  readonly resource: ResourceType;
  /** The host's object, or the guest's i32. */
  readonly representation: unknown;
  readonly isOwn: boolean;
}

/** The spec's limit on indices, 2^28 - 1. */
const MAX_HANDLES = 2 ** 28 - 1;

/** The resources that one component instance holds, by the numbers that it knows them by. */
export class HandleTable {
  // Index 0 is never a handle.
  readonly #handles: (Handle | undefined)[] = [undefined];
  readonly #free: number[] = [];

  add(resource: ResourceType, representation: unknown, isOwn: boolean): number {
    const index = this.#free.pop() ?? this.#handles.length;
    if (index > MAX_HANDLES) throw trap("there are too many handles");
    this.#handles[index] = { resource, representation, isOwn };
    return index;
  }

  /** What a handle stands for; traps when it is none, or one of another type. */
  get(resource: ResourceType, index: number): unknown {
    return this.#find(resource, index).representation;
  }

  /** Gives an owned resource away. */
  takeOwn(resource: ResourceType, index: number): unknown {
    const handle = this.#find(resource, index);
    if (!handle.isOwn) throw trap(`handle ${index} is borrowed and cannot be given away`);
    this.#remove(index);
    return handle.representation;
  }

  /** Drops a handle, and the resource with it when it was owned. */
  drop(resource: ResourceType, index: number): void {
    const handle = this.#find(resource, index);
    this.#remove(index);
    if (handle.isOwn) resource.destroy(handle.representation);
  }

  /** Ends the host's resources that a guest which is gone still had, the newest first. */
  destroyHostResources(): void {
    for (const handle of this.#handles.splice(1).toReversed()) {
      if (handle?.isOwn === true && handle.resource.owner === undefined) {
        handle.resource.destroy(handle.representation);
      }
    }
    this.#free.length = 0;
  }

  #find(resource: ResourceType, index: number): Handle {
    const handle = this.#handles[index];
    if (handle === undefined) throw trap(`there is no handle ${index}`);
    if (handle.resource !== resource) {
      throw trap(`handle ${index} is of type "${handle.resource.name}" ("${resource.name}")`);
    }
    return handle;
  }

  #remove(index: number): void {
    this.#handles[index] = undefined;
    this.#free.push(index);
  }
}
