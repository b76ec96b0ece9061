// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { splitEnvironment } from "./steering-variables.ts";

test("what the loader, libc or an engine reads goes by option, all else is inherited, in order", () => {
  const plain = [
    "PATH=/bin",
    "HOME=/root",
    "A=",
    "A=b=c",
    "NOVALUE",
    "=x",
    "",
    "ld_preload=x",
    "XLD_PRELOAD=x",
    "LD=x",
  ];
  const steering = [
    "LD_PRELOAD=/x.so",
    "LD_LIBRARY_PATH=/",
    "LD_AUDIT=/x",
    "GLIBC_TUNABLES=x",
    "MALLOC_TRACE=/x",
    "RUST_LOG=trace",
    "RUST_BACKTRACE=1",
    "BUN_OPTIONS=--preload",
    "BUN_BE_BUN=1",
    "NODE_OPTIONS=x",

    "WASMTIME_BACKTRACE_DETAILS=1",
    "WASMER_DIR=/",
    "WASMEDGE_PLUGIN_PATH=/",
    "XDG_CACHE_HOME=/",
    "TMPDIR=/",
    "LD_PRELOAD=second",
    "RAYON_NUM_THREADS=1",
    "INTEL_JIT_PROFILER64=/x.so",
  ];
  const mixed = plain.flatMap((entry, index) => [
    entry,
    ...(steering[index] === undefined ? [] : [steering[index]]),
  ]);
  const rest = steering.slice(plain.length);
  expect(splitEnvironment([...mixed, ...rest])).toEqual({ inherited: plain, byOption: steering });
});
