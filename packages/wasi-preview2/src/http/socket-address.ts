// SPDX-License-Identifier: Apache-2.0
import { ComponentError } from "../component-error.ts";

export interface SocketAddress {
  readonly hostname: string;
  readonly port: number;
}

const ADDRESS = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^:[\]\s]+)):(\d{1,5})$/;
const MAX_PORT = 65_535;

/** Reads `host:port` or `[IPv6]:port`; throws `ComponentError` of kind `bad-address`. */
export function parseAddress(text: string): SocketAddress {
  const [, ipv6, host, digits] = ADDRESS.exec(text) ?? [];
  const hostname = ipv6 ?? host;
  const port = Number(digits);
  if (hostname === undefined || port > MAX_PORT) {
    throw new ComponentError("bad-address", `cannot serve on "${text}": it is no address ("0.0.0.0:8080")`, {
      names: [text],
    });
  }
  return { hostname, port };
}
