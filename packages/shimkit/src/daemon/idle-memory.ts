// SPDX-License-Identifier: Apache-2.0
import { readText } from "../linux/file-syscalls.ts";
import { unmapPages, type AddressRange } from "../linux/memory-syscalls.ts";

/** Until whoever started a process has gone on to wait for it. */
const STARTING_MS = 2;
/** Longer than a pod's containers are apart, one starting after the other. */
const QUIET_MS = 1_000;
/** Longer than the containers of a node are apart, one being asked for its Stats after the other. */
const BURST_MS = 100;
/** For what the collector does on its own thread, after it has answered. */
const SETTLING_MS = 400;

/** What a node has hundreds of, and nearly all the time waits: a daemon gives back the memory that it does not wait with. */
export interface IdleMemory {
  /**
   * A process was started. While the first one works, what booting has left behind is collected, if a processor has
   * nothing else to do: what comes after takes its place, and the heap stays smaller by 0.3 MB.
   */
  waitsForProcess(): void;
  /** Something happens: when nothing has for a second, memory is given back. */
  touch(): void;
  /**
   * After calls that change nothing, and map 16 MB of the executable again where they come in the second after the last
   * event or later: unmaps those, in 2 ms of processor time for that and for mapping them again.
   */
  unmapSoon(): void;
}

/**
 * Collects what is garbage (2 ms), and then has the pages of the executable unmapped, of which booting and a container's
 * start need 30 MB and waiting 5. The next call takes some tenths of a millisecond more.
 */
export function createIdleMemory(): IdleMemory {
  let isBooting = true;
  const afterEvents = createDelay();
  const afterCalls = createDelay();
  let ranges: readonly AddressRange[] = [];
  return {
    waitsForProcess() {
      if (isBooting) setTimeout(() => hasIdleProcessor() && collect(), STARTING_MS).unref();
      isBooting = false;
    },
    touch() {
      afterEvents(QUIET_MS, () => {
        ranges = cleanFileMappings(readText("/proc/self/smaps")); // first: it makes garbage itself
        collect();
        afterEvents(SETTLING_MS, () => unmapPages(ranges));
      });
    },
    unmapSoon() {
      afterCalls(BURST_MS, () => unmapPages(ranges));
    },
  };
}

/** Puts off work, and with it what was put off before; the process does not live on for it. */
function createDelay(): (ms: number, work: () => void) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (ms, work) => {
    clearTimeout(timer);
    timer = setTimeout(work, ms);
    timer.unref();
  };
}

/** By what wants to run now (proc(5), loadavg), this process and the one it waits for included. */
function hasIdleProcessor(): boolean {
  const [, runnable] = / (\d+)\/\d+ /.exec(readText("/proc/loadavg")) ?? [];
  return Number(runnable) <= navigator.hardwareConcurrency;
}

function collect(): void {
  Bun.gc(true);
  Bun.shrink(); // deprecated, and the only call that lets go of compiled code
}

/** The mappings of files, in the text of smaps (proc(5)), that nobody can write and nobody has written to. */
export function cleanFileMappings(smaps: string): readonly AddressRange[] {
  const ranges: AddressRange[] = [];
  let range: AddressRange | undefined;
  for (const line of smaps.split("\n")) {
    const [, start, end, inode] = /^([0-9a-f]+)-([0-9a-f]+) (?:r-.p \S+ \S+ ([1-9]\d*))?/.exec(line) ?? [];
    if (start !== undefined && end !== undefined) {
      const isFile = inode !== undefined;
      range = isFile ? { start: Number.parseInt(start, 16), end: Number.parseInt(end, 16) } : undefined;
    } else if (range !== undefined && /^Anonymous: +0 kB/.test(line)) ranges.push(range);
  }
  return ranges;
}
