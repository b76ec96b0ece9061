// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Makes a FIFO in a folder; gives its path. */
export function makeFifo(folder: string, name: string): string {
  const path = join(folder, name);
  const { exitCode } = Bun.spawnSync(["mkfifo", path]);
  if (exitCode !== 0) throw new Error(`mkfifo "${path}" failed`);
  return path;
}

/**
 * Starts a reader of a FIFO whose write end is open, which has it open too when this returns, as containerd has before
 * Create: what it reads.
 */
export async function readFifo(path: string): Promise<{ content: Promise<string> }> {
  const reader = Bun.spawn(["cat", path], { stdio: ["ignore", "pipe", "ignore"] });
  const fds = `/proc/${reader.pid}/fd`;
  while (!readdirSync(fds).some((fd) => leadsTo(`${fds}/${fd}`, path))) await Bun.sleep(1);
  return { content: new Response(reader.stdout).text() };
}

function leadsTo(link: string, path: string): boolean {
  try {
    return readlinkSync(link) === path;
  } catch {
    return false; // closed meanwhile
  }
}
