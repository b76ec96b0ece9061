// SPDX-License-Identifier: Apache-2.0
import { afterAll, describe, expect, test } from "bun:test";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WasiContext } from "./context.ts";
import { ERRNO } from "./errno.ts";
import { FdTable } from "./fd-table.ts";
import { GuestMemory } from "./guest-memory.ts";
import { createImports, WASI_MODULES } from "./imports.ts";
import { openKernel } from "./linux-kernel.ts";
import { createOpenBeneath } from "./open-beneath.ts";
import { openPreopen } from "./preopen.ts";

/** The parameters of every function: witx's order, `i` is 32 bit, `I` is 64 bit. */
const SIGNATURES: Readonly<Record<string, string>> = {
  args_get: "ii",
  args_sizes_get: "ii",
  environ_get: "ii",
  environ_sizes_get: "ii",
  clock_res_get: "ii",
  clock_time_get: "iIi",
  fd_advise: "iIIi",
  fd_allocate: "iII",
  fd_close: "i",
  fd_datasync: "i",
  fd_fdstat_get: "ii",
  fd_fdstat_set_flags: "ii",
  fd_fdstat_set_rights: "iII",
  fd_filestat_get: "ii",
  fd_filestat_set_size: "iI",
  fd_filestat_set_times: "iIIi",
  fd_pread: "iiiIi",
  fd_prestat_get: "ii",
  fd_prestat_dir_name: "iii",
  fd_pwrite: "iiiIi",
  fd_read: "iiii",
  fd_readdir: "iiiIi",
  fd_renumber: "ii",
  fd_seek: "iIii",
  fd_sync: "i",
  fd_tell: "ii",
  fd_write: "iiii",
  path_create_directory: "iii",
  path_filestat_get: "iiiii",
  path_filestat_set_times: "iiiiIIi",
  path_link: "iiiiiii",
  path_open: "iiiiiIIii",
  path_readlink: "iiiiii",
  path_remove_directory: "iii",
  path_rename: "iiiiii",
  path_symlink: "iiiii",
  path_unlink_file: "iii",
  poll_oneoff: "iiii",
  proc_exit: "i",
  proc_raise: "i",
  random_get: "ii",
  sched_yield: "",
  sock_accept: "iii",
  sock_recv: "iiiiii",
  sock_send: "iiiii",
  sock_shutdown: "ii",
};

const WASI = "wasi_snapshot_preview1";
const PAGE_BYTES = 65_536;
const INTEGERS = [
  0,
  1,
  2,
  3,
  4,
  5,
  7,
  8,
  16,
  64,
  100,
  1024,
  65_528,
  65_535,
  65_536,
  2 ** 31 - 1,
  -(2 ** 31),
  -1,
  -8,
];
const LONGS = [
  0n,
  1n,
  2n,
  64n,
  66n,
  4096n,
  2n ** 40n,
  2n ** 53n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  -1n,
];
/** What the guest's memory holds: nothing, ones, paths that lead out, small numbers. */
const FILLS: readonly (string | number)[] = [0, 0xff, 0x01, "../", "a/b\0", "/etc/passwd"];

// One for all guests, one after the other: making a memory is what would take the time.
const MEMORY = new WebAssembly.Memory({ initial: 1 });
const KERNEL = openKernel();
const OPEN_BENEATH = createOpenBeneath(KERNEL);

const folder = mkdtempSync(join(tmpdir(), "wasi-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Guest extends Disposable {
  readonly call: (name: string, args: readonly (number | bigint)[]) => unknown;
}

/** A guest with a file at 4 and a folder at 5, all of whose memory is `fill`. */
function guest(fill: string | number): Guest {
  const stack = new DisposableStack();
  const root = mkdtempSync(join(folder, "root-"));
  mkdirSync(join(root, "folder"));
  writeFileSync(join(root, "file"), "content");
  const fds = stack.use(new FdTable());
  for (const [access, hostPath] of [
    ["read", "/dev/null"],
    ["write", "/dev/null"],
    ["write", "/dev/null"],
  ] as const) {
    const hostFd = stack.adopt(openSync(hostPath, access === "read" ? "r" : "w"), closeSync);
    fds.add({ kind: "stdio", hostFd, access, flags: 0 });
  }
  fds.add(openPreopen({ hostPath: root, guestPath: "/" }));
  const hostFd = openSync(join(root, "file"), "r+");
  fds.add({ kind: "file", hostFd, filetype: 4, readable: true, writable: true, readOnly: false, flags: 0 });
  fds.add(openPreopen({ hostPath: join(root, "folder"), guestPath: "folder" }));
  const bytes = new Uint8Array(MEMORY.buffer);
  if (typeof fill === "number") bytes.fill(fill);
  else bytes.set(Buffer.from(fill.repeat(PAGE_BYTES)).subarray(0, PAGE_BYTES));
  const guestMemory = new GuestMemory();
  guestMemory.attach(MEMORY);
  const context: WasiContext = {
    memory: guestMemory,
    fds,
    args: [Buffer.from("guest"), Buffer.from("x".repeat(1000))],
    env: [Buffer.from("A=1")],
    kernel: () => KERNEL,
    openBeneath: () => OPEN_BENEATH,
  };
  const imports = createImports(context)[WASI] ?? {};
  return {
    call: (name, args) => Reflect.apply(imports[name] ?? fail, undefined, args),
    [Symbol.dispose]: () => stack.dispose(),
  };
}

function fail(): never {
  throw new Error("there is no such function");
}

// A linear congruential generator (Numerical Recipes), so that a failure can be repeated.
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function garbage(signature: string, random: (below: number) => number): (number | bigint)[] {
  return Array.from(signature, (type) =>
    type === "i" ? (INTEGERS[random(INTEGERS.length)] ?? 0) : (LONGS[random(LONGS.length)] ?? 0n),
  );
}

/** Calls that would rightly take the disk or the time that they ask for. */
function isCostly(name: string, args: readonly (number | bigint)[]): boolean {
  return name === "fd_allocate" && args.slice(1).some((arg) => arg > 2n ** 30n && arg < 2n ** 60n);
}

test("all 46 functions of preview 1 are there", () => {
  expect(Object.keys(SIGNATURES).length).toBe(46);
  expect(Object.keys(WASI_MODULES.get(WASI) ?? {}).toSorted()).toEqual(Object.keys(SIGNATURES).toSorted());
});

describe("garbage arguments are answered with an errno, never an exception", () => {
  const ERRNOS = new Set<unknown>(Object.values(ERRNO));
  for (const fill of FILLS) {
    test(`with a memory full of ${JSON.stringify(fill)}`, () => {
      const random = createRandom(20_240_601);
      const wrong: string[] = [];
      for (const [name, signature] of Object.entries(SIGNATURES)) {
        if (name === "proc_exit") continue;
        // The events of one poll_oneoff would be the next one's subscriptions, and those may rightly wait for years.
        const turns = name === "poll_oneoff" ? 1 : 25;
        for (let batch = 0; batch < 50 / turns; batch += 1) {
          using victim = guest(fill);
          for (let turn = 0; turn < turns; turn += 1) {
            const args = garbage(signature, random);
            if (isCostly(name, args)) continue;
            const answer = victim.call(name, args);
            if (!ERRNOS.has(answer)) wrong.push(`${name}(${args.join(", ")}) answered ${String(answer)}`);
          }
        }
      }
      expect(wrong).toEqual([]);
    });
  }
});

test("pointers beyond the memory are answered with FAULT by every function that stores a result", () => {
  for (const [name, args] of [
    ["args_sizes_get", [PAGE_BYTES - 3, 0]],
    ["args_get", [PAGE_BYTES - 4, 0]],
    ["args_get", [0, PAGE_BYTES - 4]],
    ["environ_sizes_get", [0, -1]],
    ["environ_get", [0, -1]],
    ["clock_res_get", [1, PAGE_BYTES - 7]],
    ["clock_time_get", [1, 0n, PAGE_BYTES - 7]],
    ["fd_fdstat_get", [4, PAGE_BYTES - 23]],
    ["fd_filestat_get", [4, PAGE_BYTES - 63]],
    ["fd_prestat_get", [3, PAGE_BYTES - 7]],
    ["fd_prestat_dir_name", [3, PAGE_BYTES, 1]],
    ["fd_read", [4, PAGE_BYTES - 7, 1, 0]],
    ["fd_write", [4, -8, 1, 0]],
    ["fd_readdir", [3, PAGE_BYTES - 10, 11, 0n, 0]],
    ["fd_readdir", [3, 0, 100, 0n, -1]],
    ["fd_seek", [4, 0n, 0, PAGE_BYTES - 7]],
    ["fd_tell", [4, -1]],
    ["path_open", [3, 0, PAGE_BYTES - 1, 2, 0, 2n, 2n, 0, 0]],
    ["poll_oneoff", [PAGE_BYTES - 47, 0, 1, 100]],
    ["poll_oneoff", [0, PAGE_BYTES - 31, 1, 100]],
    ["random_get", [1, PAGE_BYTES]],
  ] as const) {
    using victim = guest(0);
    expect(victim.call(name, args), `${name}(${args.join(", ")})`).toBe(ERRNO.FAULT);
  }
});
