// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { cleanFileMappings } from "./idle-memory.ts";

const mapping = (head: string, anonymousKb: number) =>
  `${head}\nSize:                100 kB\nRss:                  80 kB\nAnonymous:    ${String(anonymousKb).padStart(8)} kB\nVmFlags: rd mr mw me\n`;

test("only mappings of files that nobody can write and nobody has written to", () => {
  const smaps = [
    mapping("00200000-01a39000 r--p 00000000 fe:00 325835      /usr/bin/shim", 0),
    mapping("01a40000-0684a000 r-xp 01838000 fe:00 325835      /usr/bin/shim", 0),
    mapping("0684a000-06a22000 r--p 06641000 fe:00 325835      /usr/bin/shim", 12), // relocated
    mapping("06a22000-06b00000 rw-p 06819000 fe:00 325835      /usr/bin/shim", 0),
    mapping("06b00000-06c00000 rw-s 00000000 00:01 1025        /dev/shm/x", 0),
    mapping("7f4b00000000-7f4c00000000 r--p 00000000 00:00 0 ", 0),
    mapping("7fff8e884000-7fff8e886000 r-xp 00000000 00:00 0   [vdso]", 0),
    mapping("7f4bac7c0000-7f4bac916000 r-xp 00026000 fe:00 12  /usr/lib/with a space.so", 0),
  ].join("");
  expect(cleanFileMappings(smaps)).toEqual([
    { start: 0x200000, end: 0x1a39000 },
    { start: 0x1a40000, end: 0x684a000 },
    { start: 0x7f4bac7c0000, end: 0x7f4bac916000 },
  ]);
});

test("the code of this very process is among its own", () => {
  const smaps = readFileSync("/proc/self/smaps", "latin1");
  const code = /^([0-9a-f]+)-[0-9a-f]+ r-xp .*\/libc\.so\.6$/m.exec(smaps)?.[1] ?? "";
  expect(cleanFileMappings(smaps).map(({ start }) => start.toString(16))).toContain(code.replace(/^0+/, ""));
});
