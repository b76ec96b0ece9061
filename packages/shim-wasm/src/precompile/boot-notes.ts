// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** With more, all are forgotten: they lie in memory, and what is forgotten is found out again. */
const MAX_NOTES = 4_096;

/** Short texts under names of any length, shared by all daemons until the host is rebooted. */
export interface BootNotes {
  read(name: string): string | undefined;
  write(name: string, text: string): void;
}

/** @param folder on a file system that is lost at reboot; made where it is missing, 0700 */
export function bootNotes(folder: string): BootNotes {
  const pathOf = (name: string) => join(folder, new Bun.CryptoHasher("sha256").update(name).digest("hex"));
  return {
    read(name) {
      try {
        return readFileSync(pathOf(name), "utf8");
      } catch {
        return undefined; // not written since boot
      }
    },
    write(name, text) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (readdirSync(folder).length >= MAX_NOTES) {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder, { recursive: true, mode: 0o700 });
      }
      const temporary = `${pathOf(name)}.${process.pid}`;
      writeFileSync(temporary, text, { mode: 0o600 });
      renameSync(temporary, pathOf(name));
    },
  };
}
