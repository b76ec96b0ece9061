// SPDX-License-Identifier: Apache-2.0
import { createArtifact, createRootfsImage, encodeLayoutArchive, imageNames } from "@runwasi/oci-tar-builder";

const TITLE = "wasi-demo-app.wasm";

/** What an image of the application is called and for. */
export interface AppImage {
  /** What `compileApp` answers. */
  readonly module: Uint8Array;
  /** As in `example.org/wasi-demo-app:latest`. */
  readonly name: string;
}

/** The application as a Wasm OCI artifact, in a tar archive that `ctr image import` and oras take. */
export function encodeAppArtifact({ module, name }: AppImage): Uint8Array<ArrayBuffer> {
  const program = { kind: "module", bytes: module } as const;
  return encodeLayoutArchive([createArtifact({ title: TITLE, program, names: imageNames([name], []) })]);
}

/** The application as an ordinary image, whose rootfs holds it and nothing else, for a platform of Linux. */
export function encodeAppRootfs({ module, name }: AppImage, architecture: string): Uint8Array<ArrayBuffer> {
  const program = { kind: "module", bytes: module } as const;
  const image = createRootfsImage({
    programs: [{ title: TITLE, program }],
    platform: { os: "linux", architecture },
    names: imageNames([name], []),
  });
  return encodeLayoutArchive([image]);
}
