// SPDX-License-Identifier: Apache-2.0
import type { WasiContext, WasiFunctions } from "./context.ts";
import { ERRNO, type Errno } from "./errno.ts";

// No descriptor is ever a socket to the guest: preview 1 cannot create one and none is preopened.
function notSocket(context: WasiContext, fd: number): Errno {
  context.fds.get(fd);
  return ERRNO.NOTSOCK;
}

/** Socket functions: `NOTSOCK` on every open descriptor, `BADF` on others. */
export const sockFunctions: WasiFunctions = {
  sock_accept: (context: WasiContext, fd: number, _flags: number, _result: number): Errno =>
    notSocket(context, fd),
  sock_recv: (
    context: WasiContext,
    fd: number,
    _iovecs: number,
    _count: number,
    _flags: number,
    _size: number,
    _outFlags: number,
  ): Errno => notSocket(context, fd),
  sock_send: (
    context: WasiContext,
    fd: number,
    _iovecs: number,
    _count: number,
    _flags: number,
    _size: number,
  ): Errno => notSocket(context, fd),
  sock_shutdown: (context: WasiContext, fd: number, _how: number): Errno => notSocket(context, fd),
};
