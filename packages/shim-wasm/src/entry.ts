// SPDX-License-Identifier: Apache-2.0
import { ShimError } from "@runwasi/containerd-shimkit";
import { exportsInterface } from "@runwasi/wasm-binary";
import type { Entry, WasmFormat } from "./engine.ts";

/** Where a component that answers HTTP requests is served, unless the guest's environment says otherwise. */
const DEFAULT_HTTP_ADDRESS = "0.0.0.0:8080";
/** The variable that says otherwise, as the Rust project containerd/runwasi has it. */
const HTTP_ADDRESS_VARIABLE = "WASMTIME_HTTP_PROXY_SOCKET_ADDR";
/** `192.0.2.1:80` or `[2001:db8::1]:80`. */
const SOCKET_ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):\d{1,5}$/;

/**
 * What of a program is run: the function that `path#function` names, or what its own exports say.
 *
 * @throws ShimError InvalidArgument for an address that is none.
 */
export function findEntry(format: WasmFormat, invoke: string | undefined, env: readonly string[]): Entry {
  if (invoke !== undefined) return { kind: "function", name: invoke };
  if (format.kind !== "component" || exportsInterface(format.interface, "wasi:cli/run"))
    return { kind: "command" };
  return exportsInterface(format.interface, "wasi:http/incoming-handler")
    ? { kind: "http", address: httpAddress(env) }
    : { kind: "command" };
}

function httpAddress(env: readonly string[]): string {
  const prefix = `${HTTP_ADDRESS_VARIABLE}=`;
  const address = env.findLast((entry) => entry.startsWith(prefix))?.slice(prefix.length);
  if (address === undefined || address === "") return DEFAULT_HTTP_ADDRESS;
  if (SOCKET_ADDRESS.test(address)) return address;
  throw new ShimError(
    "InvalidArgument",
    `cannot serve HTTP at "${address}" of variable ${HTTP_ADDRESS_VARIABLE} (address:port)`,
  );
}
