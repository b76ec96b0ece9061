// SPDX-License-Identifier: Apache-2.0

/**
 * Names that the dynamic loader, the C library or an engine's language runtime reads from the environment of a process.
 * A guest's variables of these names must not be in the engine's environment.
 */
const STEERING = new RegExp(
  `^(?:${[
    "LD_.*", // ld.so(8)
    "GLIBC_TUNABLES",
    "MALLOC_.*",
    "GCONV_PATH",
    "LOCPATH",
    "NLSPATH",
    "RES_OPTIONS",
    "HOSTALIASES",
    "LOCALDOMAIN",
    "RESOLV_.*",
    "RUST_.*",
    "INTEL_.*", // the profiling interface in wasmtime loads the library that one names
    "RAYON_.*",
    "TOKIO_.*",
    "_RJEM_.*",
    "MIMALLOC_.*",
    "BUN_.*",
    "NODE_.*",
    "WASMTIME_.*",
    "WASMER_.*",
    "WASMEDGE_.*",
    "LOG_FORMAT", // wasmer ends on a value that it does not know
    "LOG_EVENTS",
    "FORWARD_HOST_ENV",
    "XDG_.*",
    "TMPDIR",
  ].join("|")})$`,
);

/** A guest's environment in two parts: what an engine may inherit, and what only its options may carry. */
export function splitEnvironment(env: readonly string[]): { inherited: string[]; byOption: string[] } {
  const inherited: string[] = [];
  const byOption: string[] = [];
  for (const entry of env) {
    const name = entry.slice(0, Math.max(entry.indexOf("="), 0));
    (STEERING.test(name) ? byOption : inherited).push(entry);
  }
  return { inherited, byOption };
}
