// SPDX-License-Identifier: Apache-2.0
import { optionArguments, wasiPreview1With, type Engine } from "@runwasi/containerd-shim-wasm";
import { options } from "./options.ts";
import { precompiler } from "./precompiler.ts";

/** Its own functions of sockets. */
const SOCKETS = `sock_accept_v2 sock_bind sock_bind_v2 sock_connect sock_connect_v2 sock_getaddrinfo sock_getlocaladdr
  sock_getlocaladdr_v2 sock_getpeeraddr sock_getpeeraddr_v2 sock_getsockopt sock_listen sock_listen_v2 sock_open
  sock_open_v2 sock_recv_from sock_recv_from_v2 sock_recv_v2 sock_send_to sock_send_to_v2 sock_send_v2 sock_setsockopt`;

/**
 * The `wasmedge` executable. It cannot hand on its own environment: a guest's variables are on its command line. It interprets
 * what it has not compiled ahead of time.
 * @see https://wasmedge.org/docs/start/build-and-run/cli
 */
export const wasmedge: Engine = {
  name: "wasmedge",
  executable: { kind: "installed", name: "wasmedge", minimumVersion: "0.14.0" },
  imports: wasiPreview1With(...SOCKETS.split(/\s+/)),
  options,
  precompiler,
  command({ path, precompiled, entry, args, env, preopens, options: set }) {
    const isFunction = entry.kind === "function";
    return {
      args: [
        "run",
        // Or it would execute what a section "wasmedge" of the guest's file says is its compiled code.
        ...(precompiled ? [] : ["--force-interpreter"]),
        ...optionArguments(options, set),
        ...env.flatMap((variable) => ["--env", variable]),
        ...preopens.flatMap(({ containerPath, guestPath }) => ["--dir", `${guestPath}:${containerPath}`]),
        ...(isFunction ? ["--reactor"] : []),
        "--",
        path,
        ...(isFunction ? [entry.name] : []),
        ...args.slice(1),
      ],
      env: [],
    };
  },
};
