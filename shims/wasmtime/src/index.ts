// SPDX-License-Identifier: Apache-2.0
import { splitEnvironment, WASI_PREVIEW1, type Engine } from "@runwasi/containerd-shim-wasm";

/**
 * The `wasmtime` executable.
 * @see https://docs.wasmtime.dev/cli-options.html
 */
export const wasmtime: Engine = {
  name: "wasmtime",
  executable: { kind: "installed", name: "wasmtime" },
  imports: WASI_PREVIEW1,
  command({ path, invoke, args, env, preopens }) {
    const { inherited, byOption } = splitEnvironment(env);
    const [argv0 = path, ...rest] = args;
    return {
      args: [
        "run",
        // The compilation cache wants a writable HOME, which a container need not have.
        "-Ccache=n",
        "-Sinherit-env=y",
        ...byOption.map((entry) => `--env=${entry}`),
        ...preopens.map(({ containerPath, guestPath }) => `--dir=${containerPath}::${guestPath}`),
        ...(invoke === undefined ? [] : [`--invoke=${invoke}`]),
        `--argv0=${argv0}`,
        path,
        ...rest,
      ],
      env: inherited,
    };
  },
};
