// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import type { ClaimedChild, ExitStatus } from "../daemon/reaper.ts";
import { ShimError } from "../error.ts";
import type { SignalDelivery } from "./workload.ts";

const { SIGKILL, SIGCHLD, SIGCONT, SIGURG, SIGWINCH, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU } = constants.signals;
/** signal(7), SIGRTMAX: what is higher is no signal, for the kernel to refuse. */
const LAST_SIGNAL = 64;
/** signal(7): those whose default action is to ignore, continue or stop. All others terminate. */
const NOT_TERMINATING: ReadonlySet<number> = new Set([
  0,
  SIGCHLD,
  SIGCONT,
  SIGURG,
  SIGWINCH,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
]);

/** Init with the way in which signals are delivered to it. */
export interface SignalledInit {
  /** Resolves as the child's `exited`, with the status of the signal that was asked for. */
  readonly exited: Promise<ExitStatus>;
  /** @throws ShimError NotFound when init has ended. */
  signal(signal: number): void;
}

/**
 * Delivers signals to a container's init as its workload wants them.
 *
 * @param statusOf /proc/PID/status of a process, undefined when it has ended
 */
export function deliverSignals(
  init: ClaimedChild,
  delivery: SignalDelivery,
  statusOf: (pid: number) => string | undefined = readStatus,
): SignalledInit {
  let killedFor: number | undefined;
  const send = (signal: number): void => {
    if (!init.signal(signal))
      throw new ShimError("NotFound", `cannot signal process ${init.pid}: it has ended`);
  };
  if (delivery.kind === "as-sent") return { exited: init.exited, signal: send };
  return {
    exited: init.exited.then((exit) =>
      killedFor !== undefined && exit.status === 128 + SIGKILL ? { ...exit, status: 128 + killedFor } : exit,
    ),
    signal(asked) {
      const signal = delivery.map.get(asked) ?? asked;
      if (isTerminating(signal) && wouldBeDropped(statusOf(init.pid), signal)) {
        killedFor ??= signal;
        send(SIGKILL);
      } else {
        send(signal);
      }
    },
  };
}

function isTerminating(signal: number): boolean {
  return signal !== SIGKILL && signal <= LAST_SIGNAL && !NOT_TERMINATING.has(signal);
}

/**
 * Whether Linux drops this signal: the process is PID 1 of its namespace and neither catches nor ignores the signal
 * (pid_namespaces(7)).
 *
 * Blocked signals do not count: an engine does not wait for them with sigwait(3), but one of its threads may block them
 * all its life, and every thread does for a moment while it creates another.
 */
function wouldBeDropped(status: string | undefined, signal: number): boolean {
  if (status === undefined || !/^NSpid:.*\s1$/m.test(status)) return false;
  return !hasSignal(status, "SigCgt", signal) && !hasSignal(status, "SigIgn", signal);
}

function hasSignal(status: string, mask: "SigCgt" | "SigIgn", signal: number): boolean {
  const hex = new RegExp(`^${mask}:\\s*([0-9a-f]+)$`, "m").exec(status)?.[1];
  return hex !== undefined && ((BigInt(`0x${hex}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

function readStatus(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return undefined; // it has just ended
  }
}
