// SPDX-License-Identifier: Apache-2.0
import type { WasiContext, WasiFunctions } from "./context.ts";
import { ERRNO, type Errno } from "./errno.ts";

// The most that one crypto.getRandomValues may ask for: https://www.w3.org/TR/WebCryptoAPI/#Crypto-method-getRandomValues
const CHUNK_BYTES = 65_536;

function randomGet(context: WasiContext, pointer: number, size: number): Errno {
  const target = context.memory.slice(pointer, size);
  const chunk = new Uint8Array(Math.min(target.length, CHUNK_BYTES));
  for (let done = 0; done < target.length; done += chunk.length) {
    const part = chunk.subarray(0, target.length - done);
    crypto.getRandomValues(part);
    target.set(part, done);
  }
  return ERRNO.SUCCESS;
}

/** Random bytes from the kernel's generator, any amount. */
export const randomFunctions: WasiFunctions = { random_get: randomGet };
