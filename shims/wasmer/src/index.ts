// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";
import {
  optionArguments,
  splitEnvironment,
  wasiPreview1With,
  type Engine,
  type EngineImports,
} from "@runwasi/containerd-shim-wasm";
import { options } from "./options.ts";
import { precompiler } from "./precompiler.ts";

/** Preview 1, and WASIX, the superset of it that wasmer's own toolchains compile to. */
const IMPORTS: EngineImports = new Map([
  ...wasiPreview1With(),
  ["wasix_32v1", "all"],
  ["wasix_64v1", "all"],
  ["wasi", new Set(["thread-spawn"])],
]);

/**
 * The `wasmer` executable. A guest sees the variable WASMER_DIR besides its own, since the engine hands on its whole
 * environment and panics without that one.
 * @see https://docs.wasmer.io/runtime/cli
 */
export const wasmer: Engine = {
  name: "wasmer",
  executable: {
    kind: "installed",
    name: "wasmer",
    minimumVersion: "7.4.0",
    versionEnvironment: ["WASMER_DIR=/"], // or it would make a folder of settings in the home of whoever asks
  },
  imports: IMPORTS,
  takesText: true,
  preopensRootFolders: true,
  options,
  precompiler,
  canHandle({ path, entry }) {
    if (entry.kind !== "function") return;
    const reason = "wasmer runs the main function of a WASI module whatever it is told to invoke";
    throw new ShimError("InvalidArgument", `cannot run function "${entry.name}" of "${path}": ${reason}`);
  },
  command({ path, args, env, preopens, options: set }, engineFolder) {
    const { inherited, byOption } = splitEnvironment(env);
    return {
      args: [
        "run",
        "--disable-cache",
        "--quiet",
        "--no-tty",
        "--forward-host-env",
        ...optionArguments(options, new Map([["inherit-network", true], ...set])),
        // It refuses an empty value here; such a variable, whose name would steer it, does not reach the guest.
        ...byOption.filter((entry) => !entry.endsWith("=")).map((entry) => `--env=${entry}`),
        ...preopens.map(({ containerPath, guestPath }) =>
          guestPath === "." ? `--cwd=${containerPath}` : `--volume=${containerPath}:${guestPath}`,
        ),
        path,
        "--",
        ...args.slice(1),
      ],
      // Its folder of settings has to exist, or it panics where it cannot make one; it is not written to.
      env: [...inherited, `WASMER_DIR=${engineFolder}`],
    };
  },
};
