// SPDX-License-Identifier: Apache-2.0
import { runWasmShims, splitEnvironment, WASI_PREVIEW1, type Engine } from "@runwasi/containerd-shim-wasm";

// An engine `myengine run [--dir=GUEST=HOST]... [--env=NAME=value]... FILE ARGS...` that hands its environment on.
const myengine: Engine = {
  name: "myengine",
  executable: { kind: "installed", name: "myengine", minimumVersion: "1.0.0" },
  imports: WASI_PREVIEW1,
  command({ path, args, env, preopens }) {
    const { inherited, byOption } = splitEnvironment(env);
    return {
      args: [
        "run",
        ...preopens.map(({ containerPath, guestPath }) => `--dir=${guestPath}=${containerPath}`),
        ...byOption.map((entry) => `--env=${entry}`),
        path,
        ...args.slice(1),
      ],
      env: inherited,
    };
  },
};

// The whole of `containerd-shim-myengine-v1`.
await runWasmShims([myengine], "0.1.0");
