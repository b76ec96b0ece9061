// SPDX-License-Identifier: Apache-2.0
import type { BinaryReader } from "@bufbuild/protobuf/wire";

/** Skips a field that the reader does not know. Throws when the tag is none that protobuf allows. */
export function skipField(reader: BinaryReader, tag: number): void {
  const fieldNumber = tag >>> 3;
  if (fieldNumber === 0) {
    throw new Error(
      `cannot read message: field number 0 at byte ${reader.pos} (protobuf numbers start at 1)`,
    );
  }
  reader.skip(tag & 7, fieldNumber);
}
