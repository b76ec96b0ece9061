// SPDX-License-Identifier: Apache-2.0
import {
  optionArguments,
  wasiPreview1With,
  type Engine,
  type OptionValues,
} from "@runwasi/containerd-shim-wasm";
import { options } from "./options.ts";

/** The functions of sockets that wasi-sockets-ext of WAMR declares. */
const SOCKETS = `sock_addr_local sock_addr_remote sock_addr_resolve sock_bind sock_connect sock_get_broadcast
  sock_get_ip_multicast_loop sock_get_ip_multicast_ttl sock_get_ip_ttl sock_get_ipv6_only sock_get_keep_alive
  sock_get_linger sock_get_recv_buf_size sock_get_recv_timeout sock_get_reuse_addr sock_get_reuse_port
  sock_get_send_buf_size sock_get_send_timeout sock_get_tcp_fastopen_connect sock_get_tcp_keep_idle
  sock_get_tcp_keep_intvl sock_get_tcp_no_delay sock_get_tcp_quick_ack sock_listen sock_open sock_recv_from sock_send_to
  sock_set_broadcast sock_set_ip_add_membership sock_set_ip_drop_membership sock_set_ip_multicast_loop
  sock_set_ip_multicast_ttl sock_set_ip_ttl sock_set_ipv6_only sock_set_keep_alive sock_set_linger
  sock_set_recv_buf_size sock_set_recv_timeout sock_set_reuse_addr sock_set_reuse_port sock_set_send_buf_size
  sock_set_send_timeout sock_set_tcp_fastopen_connect sock_set_tcp_keep_idle sock_set_tcp_keep_intvl
  sock_set_tcp_no_delay sock_set_tcp_quick_ack`;

const HOST_STACK_BYTES = 512 * 1024;

/**
 * The `iwasm` executable of the WebAssembly Micro Runtime. It cannot hand on its own environment: a guest's variables are
 * on its command line.
 * @see https://github.com/bytecodealliance/wasm-micro-runtime/blob/WAMR-2.4.3/doc/build_wamr.md
 */
export const wamr: Engine = {
  name: "wamr",
  executable: { kind: "installed", name: "iwasm", minimumVersion: "2.4.0" },
  imports: new Map([...wasiPreview1With(...SOCKETS.split(/\s+/)), ["wasi", new Set(["thread-spawn"])]]),
  options,
  command({ path, entry, args, env, preopens, options: set }) {
    return {
      args: [
        "-v=0", // its own warnings go to the guest's stdout
        ...optionArguments(options, new Map([["inherit-network", true], ["ip-name-lookup", true], ...set])),
        ...env.filter((variable) => variable.includes("=")).map((variable) => `--env=${variable}`),
        ...preopens.map(({ containerPath, guestPath }) => `--map-dir=${guestPath}::${containerPath}`),
        ...(entry.kind === "function" ? ["-f", entry.name] : []),
        path,
        ...args.slice(1),
      ],
      env: [],
      stackBytes: stackBytes(set),
    };
  },
};

/**
 * iwasm touches its whole stack to find out where it ends, 8 MiB as a rule. Its interpreters need little of it; where it
 * was built with a compiler, the guest's frames are there, too.
 */
function stackBytes(options: OptionValues): number {
  const guest = options.get("max-stack");
  return HOST_STACK_BYTES + (typeof guest === "number" ? guest : 0);
}
