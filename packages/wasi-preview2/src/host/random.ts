// SPDX-License-Identifier: Apache-2.0
import { trap } from "../component-error.ts";
import type { HostInterface } from "../link/host-interface.ts";
import { functions } from "./cli.ts";

// The most that one crypto.getRandomValues may ask for: https://www.w3.org/TR/WebCryptoAPI/#Crypto-method-getRandomValues
const CHUNK_BYTES = 65_536;
const MAX_BYTES = 2n ** 28n;

/** `wasi:random`, all of it from the kernel's generator. */
export function randomInterfaces(): Readonly<Record<string, HostInterface>> {
  return {
    "wasi:random/random": functions({ "get-random-bytes": randomBytes, "get-random-u64": randomU64 }),
    "wasi:random/insecure": functions({
      "get-insecure-random-bytes": randomBytes,
      "get-insecure-random-u64": randomU64,
    }),
    "wasi:random/insecure-seed": functions({ "insecure-seed": () => [randomU64(), randomU64()] }),
  };
}

function randomBytes(size: bigint): Uint8Array {
  if (size > MAX_BYTES) throw trap("more random bytes are asked for than a list can hold");
  const bytes = new Uint8Array(Number(size));
  for (let done = 0; done < bytes.length; done += CHUNK_BYTES) {
    crypto.getRandomValues(bytes.subarray(done, done + CHUNK_BYTES));
  }
  return bytes;
}

function randomU64(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
}
