// SPDX-License-Identifier: Apache-2.0

/** What tells one compiled file from another: two with the same `id` can stand for each other. */
export interface CompiledKey {
  /** The engine that made it. */
  readonly engine: string;
  /** Digest of the module that it was made of, `sha256:…`. */
  readonly module: string;
  /** SHA-256 over all that it depends on, module and engine included; 64 hexadecimal digits. */
  readonly id: string;
}

/** A compiled file that the sandbox has made: complete, nobody writes to it any more. */
export interface CompiledFile {
  /** Opens it for reading, only as long as `keep` has not answered. */
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Keeps compiled files. Only what `keep` was given may ever be found: an engine executes it as native code.
 *
 * Both may throw. Nothing depends on it: what cannot be found is made again, and what cannot be kept is not used.
 */
export interface CompiledStore {
  /**
   * A host path to bind-mount, of a file known to be whole; undefined where there is none, so also for one that is
   * damaged. It stays there for as long as a container needs to be created.
   */
  find(key: CompiledKey): Promise<string | undefined>;
  /** Takes a copy, in place of what it may have had, and answers as `find`. Not called at the same time for one key. */
  keep(key: CompiledKey, file: CompiledFile): Promise<string>;
}
