// SPDX-License-Identifier: Apache-2.0

/**
 * One mount of a container's rootfs as containerd sends it (`containerd.types.Mount`).
 *
 * Trusted as containerd is, but for `target`, whose way through the rootfs leads over symbolic links that an
 * image made.
 */
export interface RootfsMount {
  /** A filesystem of the kernel, `bind`, or `fuse.<program>` and `fuse3.<program>` for a helper program. */
  readonly type: string;
  readonly source: string;
  /** Where below the rootfs; empty for the rootfs itself. */
  readonly target: string;
  /** fstab-style, one option an element. */
  readonly options: readonly string[];
}
