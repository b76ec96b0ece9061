// SPDX-License-Identifier: Apache-2.0
import { BinaryReader, MalformedWasmError, type WasmSource } from "./binary-reader.ts";
import { sections } from "./sections.ts";

/** `sort` of what a component imports or exports, in the order of the binary format. */
const SORTS = ["module", "func", "value", "type", "component", "instance"] as const;

export interface ComponentExtern {
  /** `wasi:cli/run@0.2.3` of an interface, `greet` of a function of the world itself. */
  readonly name: string;
  readonly kind: (typeof SORTS)[number];
}

/** What a component wants and offers at its top level, read without compiling it. */
export interface ComponentInterface {
  readonly imports: readonly ComponentExtern[];
  readonly exports: readonly ComponentExtern[];
}

const IMPORT_SECTION = 10;
const EXPORT_SECTION = 11;
/** A component with more, in all its sections, is refused rather than listed; the largest real ones have some hundreds. */
const MAX_ENTRIES = 10_000;
/** Longer import and export sections, together, are refused rather than read, for the daemon waits meanwhile. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads the import and export sections of a component, of which there may be several, and checks that its sections fill
 * the file exactly, so that a truncated one is found. What is inside, modules and components too, is not looked at.
 *
 * Never throws anything but MalformedWasmError on hostile bytes.
 * @see https://github.com/WebAssembly/component-model/blob/6d281648bd89caf885a7adcc412962dbd2425ab7/design/mvp/Binary.md
 */
export function readComponentInterface(source: WasmSource, sizeBytes: number): ComponentInterface {
  const imports: ComponentExtern[] = [];
  const exports: ComponentExtern[] = [];
  let bytes = 0;
  for (const { id, start, end } of sections(source, sizeBytes)) {
    if (id !== IMPORT_SECTION && id !== EXPORT_SECTION) continue;
    bytes += end - start;
    if (bytes > MAX_BYTES) throw new MalformedWasmError(`imports and exports of over ${MAX_BYTES} bytes`);
    const reader = new BinaryReader(source, end, start);
    const count = reader.u32();
    if (imports.length + exports.length + count > MAX_ENTRIES)
      throw new MalformedWasmError(`over ${MAX_ENTRIES} imports and exports`);
    for (let index = 0; index < count; index += 1) {
      if (id === IMPORT_SECTION) imports.push(readImport(reader));
      else exports.push(readExport(reader));
    }
    if (!reader.atEnd) throw new MalformedWasmError(`section ${id} is longer than what it holds`);
  }
  return { imports, exports };
}

/** Whether a component exports an interface, `wasi:cli/run`, in any version. */
export function exportsInterface({ exports }: ComponentInterface, name: string): boolean {
  return exports.some(
    (entry) => entry.kind === "instance" && (entry.name === name || entry.name.startsWith(`${name}@`)),
  );
}

function readImport(reader: BinaryReader): ComponentExtern {
  const name = readName(reader);
  return { name, kind: readType(reader) };
}

function readExport(reader: BinaryReader): ComponentExtern {
  const name = readName(reader);
  const kind = readSort(reader);
  reader.u32();
  const hasType = reader.byte();
  if (hasType > 1) throw malformed("type of an export", reader);
  if (hasType === 1) readType(reader);
  return { name, kind };
}

/** There are three kinds of attribute, each at most once. */
const MAX_ATTRIBUTES = 3;
const VERSION_SUFFIX = 1;

/** The version of a name may be cut to what decides compatibility (`@0.2`), and its rest (`.3`) be an attribute. */
function readName(reader: BinaryReader): string {
  const form = reader.byte();
  if (form > 2) throw malformed("name", reader);
  const name = reader.name();
  const attributes = form === 2 ? reader.u32() : 0;
  if (attributes > MAX_ATTRIBUTES) throw malformed("attributes", reader);
  let suffix = "";
  for (let index = 0; index < attributes; index += 1) {
    const attribute = reader.byte();
    if (attribute >= MAX_ATTRIBUTES) throw malformed("attribute", reader);
    const value = reader.name();
    if (attribute === VERSION_SUFFIX) suffix = value;
  }
  return name + suffix;
}

const CORE_MODULE = 0x11;

/** The format has more core sorts, of which a component imports and exports none. */
function readSort(reader: BinaryReader): ComponentExtern["kind"] {
  const kind = SORTS[reader.byte()];
  if (kind === undefined || (kind === "module" && reader.byte() !== CORE_MODULE))
    throw malformed("sort", reader);
  return kind;
}

function readType(reader: BinaryReader): ComponentExtern["kind"] {
  const kind = readSort(reader);
  if (kind === "type" || kind === "value") skipBound(reader, kind);
  else reader.u32();
  return kind;
}

/** An index behind a 0; behind a 1 any resource for a type, and for a value its type. */
function skipBound(reader: BinaryReader, kind: "type" | "value"): void {
  const bound = reader.byte();
  if (bound > 1) throw malformed("bound", reader);
  if (bound === 0) reader.u32();
  // An index, or a primitive type as a negative number of one byte.
  else if (kind === "value") reader.u32();
}

function malformed(what: string, { offset }: BinaryReader): MalformedWasmError {
  return new MalformedWasmError(`unknown ${what} of an import or export at offset ${offset}`);
}
