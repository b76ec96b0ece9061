export const shimNames: readonly string[] = ["jsc", "wasmtime"];
