// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from "../abi/value-type.ts";
import type { HostInterface } from "../link/host-interface.ts";
import { hostFunction, hostResource } from "./host-function.ts";
import { ERROR, INPUT_STREAM, OUTPUT_STREAM, POLLABLE } from "./io.ts";
import { err } from "./result.ts";

// Sockets are not here yet. What makes one answers `not-supported`, as preview 2 allows, so that programs link
// which only could use them; their methods can then never be called, but must be there to be linked.

const NETWORK: ResourceType = hostResource("network");
const TCP_SOCKET: ResourceType = hostResource("tcp-socket");
const UDP_SOCKET: ResourceType = hostResource("udp-socket");
const INCOMING_DATAGRAMS: ResourceType = hostResource("incoming-datagram-stream");
const OUTGOING_DATAGRAMS: ResourceType = hostResource("outgoing-datagram-stream");
const RESOLVE_STREAM: ResourceType = hostResource("resolve-address-stream");

class Network {}

const SOCKET_METHODS = [
  "start-bind",
  "finish-bind",
  "local-address",
  "remote-address",
  "address-family",
  "receive-buffer-size",
  "set-receive-buffer-size",
  "send-buffer-size",
  "set-send-buffer-size",
  "subscribe",
];

const TCP_METHODS = [
  ...SOCKET_METHODS,
  "start-connect",
  "finish-connect",
  "start-listen",
  "finish-listen",
  "accept",
  "is-listening",
  "set-listen-backlog-size",
  "keep-alive-enabled",
  "set-keep-alive-enabled",
  "keep-alive-idle-time",
  "set-keep-alive-idle-time",
  "keep-alive-interval",
  "set-keep-alive-interval",
  "keep-alive-count",
  "set-keep-alive-count",
  "hop-limit",
  "set-hop-limit",
  "shutdown",
];

const UDP_METHODS = [...SOCKET_METHODS, "stream", "unicast-hop-limit", "set-unicast-hop-limit"];

/** `wasi:sockets`, without sockets. */
export function socketInterfaces(): Readonly<Record<string, HostInterface>> {
  const resources = {
    network: NETWORK,
    "tcp-socket": TCP_SOCKET,
    "udp-socket": UDP_SOCKET,
    "incoming-datagram-stream": INCOMING_DATAGRAMS,
    "outgoing-datagram-stream": OUTGOING_DATAGRAMS,
    "resolve-address-stream": RESOLVE_STREAM,
    "input-stream": INPUT_STREAM,
    "output-stream": OUTPUT_STREAM,
    error: ERROR,
    pollable: POLLABLE,
  };
  const inter = (functions: HostInterface["functions"]): HostInterface => ({ resources, functions });
  return {
    "wasi:sockets/network": inter({ "network-error-code": hostFunction(() => undefined) }),
    "wasi:sockets/instance-network": inter({ "instance-network": hostFunction(() => new Network()) }),
    "wasi:sockets/ip-name-lookup": inter({
      "resolve-addresses": notSupported,
      ...methods("resolve-address-stream", ["resolve-next-address", "subscribe"]),
    }),
    "wasi:sockets/tcp-create-socket": inter({ "create-tcp-socket": notSupported }),
    "wasi:sockets/udp-create-socket": inter({ "create-udp-socket": notSupported }),
    "wasi:sockets/tcp": inter(methods("tcp-socket", TCP_METHODS)),
    "wasi:sockets/udp": inter({
      ...methods("udp-socket", UDP_METHODS),
      ...methods("incoming-datagram-stream", ["receive", "subscribe"]),
      ...methods("outgoing-datagram-stream", ["check-send", "send", "subscribe"]),
    }),
  };
}

const notSupported = hostFunction(() => err("not-supported"));

function methods(resource: string, names: readonly string[]): HostInterface["functions"] {
  return Object.fromEntries(names.map((name) => [`[method]${resource}.${name}`, notSupported]));
}
