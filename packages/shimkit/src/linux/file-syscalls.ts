// SPDX-License-Identifier: Apache-2.0
// FFI only: open(2), read(2), write(2), close(2), dup2(2), access(2), mkdir(2), unlink(2).
// For what runs before `start` is answered: node:fs takes a millisecond to load, which each container would wait for.
import { dlopen, FFIType, ptr } from "bun:ffi";
import { kernelAnswer } from "./last-errno.ts";
import { errnoName } from "./errno.ts";
import { lazy } from "./lazy.ts";

const O_RDONLY = 0;
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;
const O_WRITE_ANEW = 0o1 | 0o100 | 0o1000; // O_WRONLY, O_CREAT, O_TRUNC
const F_OK = 0;
/** Nearly every config.json takes one read. */
const CHUNK_BYTES = 32 * 1024;

const libc = lazy(
  () =>
    dlopen("libc.so.6", {
      open: { args: [FFIType.ptr, FFIType.i32, FFIType.u32], returns: FFIType.i32 },
      // 32 bits of their ssize_t: Linux transfers less than 2 GiB at a time.
      read: { args: [FFIType.i32, FFIType.ptr, FFIType.u64], returns: FFIType.i32 },
      write: { args: [FFIType.i32, FFIType.ptr, FFIType.u64], returns: FFIType.i32 },
      close: { args: [FFIType.i32], returns: FFIType.i32 },
      dup2: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
      access: { args: [FFIType.ptr, FFIType.i32], returns: FFIType.i32 },
      mkdir: { args: [FFIType.ptr, FFIType.u32], returns: FFIType.i32 },
      unlink: { args: [FFIType.ptr], returns: FFIType.i32 },
      __errno_location: { args: [], returns: FFIType.ptr },
    }).symbols,
);

/** A call that the kernel refused; `code` as node:fs has it. */
export class FileError extends Error {
  readonly code: string;

  constructor(code: string, what: string) {
    super(`${code}: cannot ${what}`);
    this.name = "FileError";
    this.code = code;
  }
}

/**
 * Opens a file, or a folder, for reading; close-on-exec. The caller owns the fd.
 *
 * @throws FileError
 */
export function openToRead(path: string): number {
  return open(path, O_RDONLY, 0);
}

/** As `openToRead`, for reading and writing. */
export function openToUpdate(path: string): number {
  return open(path, O_RDWR, 0);
}

/** Closes a descriptor of the caller's. */
export function close(fd: number): void {
  libc().close(fd); // Linux has closed it whatever it answers: close(2)
}

/**
 * Makes `onto` another descriptor of the file that `fd` is; what `onto` was is closed. Both are the caller's, and `onto` is
 * handed on to what is executed.
 *
 * @throws FileError
 */
export function duplicateOnto(fd: number, onto: number): void {
  const answer = kernelAnswer(libc(), libc().dup2(fd, onto));
  if (answer < 0) throw new FileError(errnoName(-answer), `redirect fd ${onto}`);
}

/**
 * The file's content as UTF-8.
 *
 * @throws FileError
 */
export function readText(path: string): string {
  const fd = openToRead(path);
  try {
    return new TextDecoder().decode(readToEnd(fd));
  } finally {
    close(fd);
  }
}

/**
 * All that there is to read, waiting for it.
 *
 * @throws FileError; with the code EFBIG past `limitBytes`.
 */
export function readToEnd(fd: number, limitBytes: number = Number.POSITIVE_INFINITY): Uint8Array {
  let content = new Uint8Array(CHUNK_BYTES);
  let length = 0;
  for (;;) {
    if (length === content.length) content = enlarged(content);
    const count = untilUninterrupted("read", () =>
      libc().read(fd, ptr(content, length), content.length - length),
    );
    if (count === 0) return content.subarray(0, length);
    length += count;
    if (length > limitBytes) throw new FileError("EFBIG", `read over ${limitBytes} bytes`);
  }
}

/**
 * Writes all of it.
 *
 * @throws FileError
 */
export function writeAll(fd: number, content: string | Uint8Array): void {
  let rest = typeof content === "string" ? new TextEncoder().encode(content) : content;
  while (rest.length > 0) {
    const bytes = rest;
    rest = bytes.subarray(untilUninterrupted("write", () => libc().write(fd, ptr(bytes), bytes.length)));
  }
}

/**
 * Makes the file, or empties it, and writes the text.
 *
 * @throws FileError
 */
export function writeText(path: string, text: string, mode: number): void {
  const fd = open(path, O_WRITE_ANEW, mode);
  try {
    writeAll(fd, text);
  } finally {
    close(fd);
  }
}

/** Whether the path leads to something, symlinks followed. */
export function isThere(path: string): boolean {
  return libc().access(ptr(pathBytes(path)), F_OK) === 0;
}

/**
 * Makes a folder; fine for one that is there.
 *
 * @throws FileError
 */
export function makeFolder(path: string, mode: number): void {
  if (isThere(path)) return; // nearly always, and without the table of errno's names
  const answer = kernelAnswer(libc(), libc().mkdir(ptr(pathBytes(path)), mode));
  if (answer < 0 && errnoName(-answer) !== "EEXIST")
    throw new FileError(errnoName(-answer), `make "${path}"`);
}

/** Removes a file; fine where there is none. What the kernel refuses stays. */
export function removeFile(path: string): void {
  libc().unlink(ptr(pathBytes(path)));
}

function open(path: string, flags: number, mode: number): number {
  const fd = kernelAnswer(libc(), libc().open(ptr(pathBytes(path)), flags | O_CLOEXEC, mode));
  if (fd < 0) throw new FileError(errnoName(-fd), `open "${path}"`);
  return fd;
}

function untilUninterrupted(what: string, call: () => number): number {
  for (;;) {
    const answer = kernelAnswer(libc(), call());
    if (answer >= 0) return answer;
    const code = errnoName(-answer);
    if (code !== "EINTR") throw new FileError(code, what);
  }
}

function enlarged(content: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(content.length * 2);
  larger.set(content);
  return larger;
}

function pathBytes(path: string): Uint8Array {
  return new TextEncoder().encode(`${path}\0`);
}
