// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { inProcess, runWasmShims } from "@runwasi/containerd-shim-wasm";

// An engine with one function for its guests, `console.log`, on the WebAssembly of Bun itself.
const calculator = inProcess({
  name: "calculator",
  imports: new Map([["console", new Set(["log"])]]),
  // Called in a process of its own: the container's init, with the container's files, user, limits and network.
  async run({ path, entry, args }) {
    const { instance } = await WebAssembly.instantiate(readFileSync(path), {
      console: { log: (value: number) => console.log(value) },
    });
    const name = entry.kind === "function" ? entry.name : "_start";
    const start = instance.exports[name];
    if (typeof start !== "function") throw new Error(`it exports no function "${name}"`);
    start(...args.slice(1).map(Number));
    return 0; // the container's exit code
  },
});

// The whole of `containerd-shim-calculator-v1`.
await runWasmShims([calculator], "0.1.0");
