// SPDX-License-Identifier: Apache-2.0

/** One entry of a tar archive. Paths are relative, without a leading "./" and without a trailing slash. */
export type TarEntry =
  | {
      readonly kind: "file";
      readonly path: string;
      readonly content: Uint8Array | string;
      readonly mode?: number;
      readonly owner?: TarOwner;
    }
  | { readonly kind: "folder"; readonly path: string; readonly mode?: number; readonly owner?: TarOwner }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string; readonly owner?: TarOwner };

interface TarOwner {
  readonly uid: number;
  readonly gid: number;
}

const BLOCK_BYTES = 512;
/** Field widths of the ustar header (POSIX.1-1988), which every reader of layers takes. */
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
const encoder = new TextEncoder();

/** Writes a ustar archive with the entries in the order given and all times 0, so equal input gives equal bytes. */
export function encodeTar(entries: readonly TarEntry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const content = contentOf(entry);
    parts.push(header(entry, content.length), content, new Uint8Array(paddingBytes(content.length)));
  }
  parts.push(new Uint8Array(2 * BLOCK_BYTES));
  return concat(parts);
}

function contentOf(entry: TarEntry): Uint8Array {
  if (entry.kind !== "file") return new Uint8Array();
  return typeof entry.content === "string" ? encoder.encode(entry.content) : entry.content;
}

function paddingBytes(length: number): number {
  return (BLOCK_BYTES - (length % BLOCK_BYTES)) % BLOCK_BYTES;
}

function header(entry: TarEntry, sizeBytes: number): Uint8Array {
  const { name, prefix } = splitPath(entry.kind === "folder" ? `${entry.path}/` : entry.path);
  const owner = entry.owner ?? { uid: 0, gid: 0 };
  const block = new Uint8Array(BLOCK_BYTES);
  const text = (offset: number, value: string) => block.set(encoder.encode(value), offset);
  const octal = (offset: number, width: number, value: number) =>
    text(offset, value.toString(8).padStart(width - 1, "0"));

  text(0, name);
  octal(100, 8, modeOf(entry));
  octal(108, 8, owner.uid);
  octal(116, 8, owner.gid);
  octal(124, 12, sizeBytes);
  octal(136, 12, 0);
  text(148, " ".repeat(8));
  text(156, typeFlag(entry));
  if (entry.kind === "symlink") text(157, checkedTarget(entry.target));
  text(257, "ustar\u000000");
  text(345, prefix);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  text(148, `${checksum.toString(8).padStart(6, "0")}\u0000 `);
  return block;
}

function modeOf(entry: TarEntry): number {
  switch (entry.kind) {
    case "file":
      return entry.mode ?? 0o644;
    case "folder":
      return entry.mode ?? 0o755;
    case "symlink":
      return 0o777;
    default:
      return entry satisfies never;
  }
}

function typeFlag(entry: TarEntry): string {
  switch (entry.kind) {
    case "file":
      return "0";
    case "symlink":
      return "2";
    case "folder":
      return "5";
    default:
      return entry satisfies never;
  }
}

function checkedTarget(target: string): string {
  if (encoder.encode(target).length > NAME_BYTES) {
    throw new RangeError(`cannot write symlink target "${target}": it is longer than ${NAME_BYTES} bytes`);
  }
  return target;
}

/** A path of more than 100 bytes is split at a slash, its head going to the prefix field. */
function splitPath(path: string): { name: string; prefix: string } {
  if (encoder.encode(path).length <= NAME_BYTES) return { name: path, prefix: "" };
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const prefix = path.slice(0, slash);
    const name = path.slice(slash + 1);
    if (name === "" || encoder.encode(prefix).length > PREFIX_BYTES) break;
    if (encoder.encode(name).length <= NAME_BYTES) return { name, prefix };
  }
  throw new RangeError(`cannot write path "${path}": it is too long for a ustar header`);
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
