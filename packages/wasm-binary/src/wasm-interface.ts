// SPDX-License-Identifier: Apache-2.0
import { BinaryReader, MalformedWasmError, type WasmSource } from "./binary-reader.ts";
import { sections } from "./sections.ts";

/** `kind` of an import or export of a core module, in the order of the binary format. */
const EXTERNAL_KINDS = ["func", "table", "memory", "global", "tag"] as const;
type ExternalKind = (typeof EXTERNAL_KINDS)[number];

export interface WasmImport {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
}

export interface WasmExport {
  readonly name: string;
  readonly kind: ExternalKind;
}

/** What a core module wants and offers, read without compiling it. */
export interface WasmInterface {
  readonly imports: readonly WasmImport[];
  readonly exports: readonly WasmExport[];
}

const IMPORT_SECTION = 2;
const EXPORT_SECTION = 7;
/** A module with more is refused rather than listed; the largest real ones have some thousands. */
const MAX_ENTRIES = 100_000;
/** A longer section is refused rather than read, for the daemon waits meanwhile; real ones stay below a megabyte. */
const MAX_SECTION_BYTES = 4 * 1024 * 1024;

/**
 * Reads the import and export sections of a core module and checks that its sections fill the file exactly, so that a
 * truncated one is found. The code is not looked at.
 *
 * Never throws anything but MalformedWasmError on hostile bytes.
 * @see https://webassembly.github.io/spec/core/binary/modules.html
 */
export function readWasmInterface(source: WasmSource, sizeBytes: number): WasmInterface {
  let imports: readonly WasmImport[] | undefined;
  let exports: readonly WasmExport[] | undefined;
  for (const { id, start, end } of sections(source, sizeBytes)) {
    if (id !== IMPORT_SECTION && id !== EXPORT_SECTION) continue;
    if (end - start > MAX_SECTION_BYTES || (id === IMPORT_SECTION ? imports : exports) !== undefined)
      throw new MalformedWasmError(`section ${id} is there twice or over ${MAX_SECTION_BYTES} bytes`);
    const reader = new BinaryReader(source, end, start);
    if (id === IMPORT_SECTION) imports = readVector(reader, readImport);
    else exports = readVector(reader, readExport);
  }
  return { imports: imports ?? [], exports: exports ?? [] };
}

function readVector<T>(reader: BinaryReader, read: (reader: BinaryReader) => T): readonly T[] {
  const count = reader.u32();
  if (count > MAX_ENTRIES)
    throw new MalformedWasmError(`${count} imports or exports (at most ${MAX_ENTRIES})`);
  return Array.from({ length: count }, () => read(reader));
}

function readImport(reader: BinaryReader): WasmImport {
  const module = reader.name();
  const name = reader.name();
  const kind = readKind(reader);
  skipImportType(reader, kind);
  return { module, name, kind };
}

function readExport(reader: BinaryReader): WasmExport {
  const name = reader.name();
  const kind = readKind(reader);
  reader.u32();
  return { name, kind };
}

function readKind(reader: BinaryReader): ExternalKind {
  const byte = reader.byte();
  const kind = EXTERNAL_KINDS[byte];
  if (kind === undefined)
    throw new MalformedWasmError(`kind ${byte} of import or export at offset ${reader.offset}`);
  return kind;
}

function skipImportType(reader: BinaryReader, kind: ExternalKind): void {
  switch (kind) {
    case "func":
      reader.u32();
      return;
    case "table":
      skipValueType(reader);
      skipLimits(reader);
      return;
    case "memory":
      skipLimits(reader);
      return;
    case "global":
      skipValueType(reader);
      reader.byte();
      return;
    case "tag":
      reader.byte();
      reader.u32();
      return;
    default:
      kind satisfies never;
  }
}

const TYPED_REFERENCES: ReadonlySet<number> = new Set([0x63, 0x64]);

function skipValueType(reader: BinaryReader): void {
  if (TYPED_REFERENCES.has(reader.byte())) skipLeb(reader);
}

/** Bit 0: a maximum follows; bit 3: a custom page size follows. */
function skipLimits(reader: BinaryReader): void {
  const flags = reader.byte();
  skipLeb(reader);
  if ((flags & 1) !== 0) skipLeb(reader);
  if ((flags & 8) !== 0) skipLeb(reader);
}

/** Limits of 64-bit memories and heap types are longer than 32 bits or signed: only their length matters. */
function skipLeb(reader: BinaryReader): void {
  for (let length = 0; length < 10; length += 1) {
    if (reader.byte() < 0x80) return;
  }
  throw new MalformedWasmError(`number over 64 bits at offset ${reader.offset}`);
}
