// SPDX-License-Identifier: Apache-2.0
import type { ExitStatus } from "../daemon/reaper.ts";
import type { TerminalSize } from "../linux/terminal-syscalls.ts";
import type { StdioRequest } from "../stdio/stdio.ts";
import type { ProcessState } from "./process.ts";

/** A process that the Task API names by container and exec id: a container's init, or one executed beside it. */
export interface ContainerProcess {
  /** Of the container, or of the exec. */
  readonly id: string;
  /** 0 for an exec that has not been started. */
  readonly pid: number;
  readonly state: ProcessState;
  readonly stdio: StdioRequest;
  /** How it ended; undefined while it has not. */
  readonly exit: ExitStatus | undefined;
  /** Resolves when it has stopped and its exit is published. */
  readonly stopped: Promise<ExitStatus>;
  start(): Promise<void>;
  kill(signal: number, all: boolean): Promise<void>;
  closeStdin(): void;
  resize(size: TerminalSize): void;
  delete(): Promise<ExitStatus>;
}
