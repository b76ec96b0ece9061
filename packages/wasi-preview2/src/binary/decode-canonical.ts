// SPDX-License-Identifier: Apache-2.0
import type { ByteReader } from "./byte-reader.ts";
import type { Canonical, CanonicalOptions, StringEncoding } from "./definitions.ts";

/** A `canon` of https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md#canonical-definitions */
export function decodeCanonical(reader: ByteReader): Canonical {
  const code = reader.u8();
  switch (code) {
    case 0x00: {
      reader.u8();
      const core = reader.u32();
      const options = decodeOptions(reader);
      return { kind: "lift", core, options, type: reader.u32() };
    }
    case 0x01: {
      reader.u8();
      const func = reader.u32();
      return { kind: "lower", func, options: decodeOptions(reader) };
    }
    case 0x02:
      return { kind: "resource.new", type: reader.u32() };
    case 0x03:
      return { kind: "resource.drop", type: reader.u32() };
    case 0x04:
      return { kind: "resource.rep", type: reader.u32() };
    default:
      throw reader.unknown("built-in function (async and threads are not here)", code);
  }
}

function decodeOptions(reader: ByteReader): CanonicalOptions {
  let encoding: StringEncoding = "utf8";
  let memory: number | undefined;
  let realloc: number | undefined;
  let postReturn: number | undefined;
  reader.vector(() => {
    const code = reader.u8();
    switch (code) {
      case 0x00:
        encoding = "utf8";
        return;
      case 0x01:
        encoding = "utf16";
        return;
      case 0x02:
        encoding = "latin1+utf16";
        return;
      case 0x03:
        memory = reader.u32();
        return;
      case 0x04:
        realloc = reader.u32();
        return;
      case 0x05:
        postReturn = reader.u32();
        return;
      default:
        throw reader.unknown("canonical option (async is not here)", code);
    }
  });
  return { encoding, memory, realloc, postReturn };
}
