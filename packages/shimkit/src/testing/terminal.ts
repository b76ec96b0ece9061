// SPDX-License-Identifier: Apache-2.0
// What an OCI runtime does with `--console-socket`: opens a terminal, sends its master, runs a program on it. ptmx(4).
import { dlopen, FFIType, ptr } from "bun:ffi";
import { closeSync, constants, openSync } from "node:fs";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const TIOCGPTN = 0x8004_5430;
const TIOCSPTLCK = 0x4004_5431;

function load() {
  const { symbols } = dlopen("libc.so.6", {
    ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
    socket: { args: [FFIType.i32, FFIType.i32, FFIType.i32], returns: FFIType.i32 },
    connect: { args: [FFIType.i32, FFIType.ptr, FFIType.u32], returns: FFIType.i32 },
    sendmsg: { args: [FFIType.i32, FFIType.ptr, FFIType.i32], returns: FFIType.i64_fast },
  });
  return symbols;
}

/** A program on a terminal whose master was sent to `consoleSocket`; answers its exit status. */
export function runOnTerminal(consoleSocket: string, script: string): { readonly exited: Promise<number> } {
  const libc = load();
  const master = openSync("/dev/ptmx", constants.O_RDWR | constants.O_NOCTTY);
  const value = new Int32Array(1);
  libc.ioctl(master, TIOCSPTLCK, ptr(value));
  libc.ioctl(master, TIOCGPTN, ptr(value));
  const slave = openSync(`/dev/pts/${value[0]}`, constants.O_RDWR | constants.O_NOCTTY);
  const { exited } = Bun.spawn(["sh", "-c", script], { stdio: [slave, slave, slave], detached: true });
  closeSync(slave);
  sendDescriptors(consoleSocket, [master]);
  closeSync(master);
  return { exited };
}

/** Connects to a unix socket and sends one message with these descriptors, or none. */
export function sendDescriptors(path: string, fds: readonly number[]): void {
  const libc = load();
  const address = new Uint8Array(110);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(Buffer.from(path), 2);
  const socket = libc.socket(AF_UNIX, SOCK_STREAM, 0);
  if (libc.connect(socket, ptr(address), 2 + path.length + 1) !== 0)
    throw new Error(`cannot connect "${path}"`);
  const data = Buffer.from("/dev/ptmx");
  const iov = new BigUint64Array([BigInt(ptr(data)), BigInt(data.length)]);
  const control = new Int32Array([16 + 4 * fds.length, 0, SOL_SOCKET, SCM_RIGHTS, ...fds, 0]);
  const header = new BigUint64Array(7);
  header.set([BigInt(ptr(iov)), 1n], 2);
  if (fds.length > 0) header.set([BigInt(ptr(control)), BigInt(16 + 8 * Math.ceil(fds.length / 2))], 4);
  if (libc.sendmsg(socket, ptr(header), 0) < 0) throw new Error("cannot send");
  closeSync(socket);
}
