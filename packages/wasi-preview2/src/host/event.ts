// SPDX-License-Identifier: Apache-2.0

/** Something that happens and that several may wait for. */
export class Event {
  readonly #listeners = new Set<() => void>();

  /** Tells everyone who listens now. */
  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Listens until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
