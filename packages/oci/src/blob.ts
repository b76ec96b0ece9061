// SPDX-License-Identifier: Apache-2.0

/** What names a blob: https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:<64 hexadecimal digits>`. */
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Content with its descriptor. */
export interface Blob {
  readonly descriptor: Descriptor;
  readonly content: Uint8Array;
}

/** A blob of these bytes, which stay the caller's and must not change. */
export function createBlob(
  mediaType: string,
  content: Uint8Array,
  annotations?: Readonly<Record<string, string>>,
): Blob {
  const digest = `sha256:${new Bun.CryptoHasher("sha256").update(content).digest("hex")}`;
  const extra = annotations === undefined ? {} : { annotations };
  return { descriptor: { mediaType, digest, size: content.length, ...extra }, content };
}

/** A blob of JSON with its members in the order given, so that equal values written alike have equal digests. */
export function createJsonBlob(mediaType: string, value: unknown): Blob {
  return createBlob(mediaType, new TextEncoder().encode(JSON.stringify(value)));
}
