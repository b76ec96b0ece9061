// SPDX-License-Identifier: Apache-2.0
import { LeasesDefinition } from "@runwasi/containerd-api/gen/services/leases/v1/leases.ts";
import type { ContainerdClient } from "./containerd-client.ts";

const EXPIRE_LABEL = "containerd.io/gc.expire";

/** A lease: what is made under it is not collected while it is there. Dispose it, which deletes it. */
export interface Lease extends AsyncDisposable {
  readonly id: string;
}

/**
 * Makes a lease that ends by itself, should its holder die before it disposes it.
 *
 * @see https://github.com/containerd/containerd/blob/v2.1.0/docs/garbage-collection.md
 * @throws ContainerdError.
 */
export async function createLease(client: ContainerdClient, lifetimeMs: number): Promise<Lease> {
  const id = `runwasi-${Bun.randomUUIDv7()}`;
  const expiry = new Date(Date.now() + lifetimeMs).toISOString();
  await client.call(LeasesDefinition, LeasesDefinition.methods.create, {
    id,
    labels: { [EXPIRE_LABEL]: expiry },
  });
  return {
    id,
    async [Symbol.asyncDispose]() {
      await client.call(LeasesDefinition, LeasesDefinition.methods.delete, { id, sync: false });
    },
  };
}
