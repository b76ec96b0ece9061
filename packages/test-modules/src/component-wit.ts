// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const FOLDER = join(import.meta.dir, "components/wit");

/** The worlds of the components and what they use, in one text, each package in braces. */
export async function readComponentWit(): Promise<string> {
  const packages = (await readdir(join(FOLDER, "deps"))).toSorted().map(async (file) => {
    const text = await readFile(join(FOLDER, "deps", file), "utf8");
    return `${text.replace(/^package ([^;]+);$/m, "package $1 {")}}\n`;
  });
  return [await readFile(join(FOLDER, "worlds.wit"), "utf8"), ...(await Promise.all(packages))].join("");
}
