// SPDX-License-Identifier: Apache-2.0

/** The configuration of a Wasm OCI artifact, which has exactly one layer: https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/ */
export const WASM_CONFIG_TYPE = "application/vnd.wasm.config.v0+json";

/** Layers that are WebAssembly as it is, not archives of files. An engine takes these where it does not say otherwise. */
export const WASM_LAYER_TYPES: readonly string[] = [
  "application/wasm",
  "application/vnd.bytecodealliance.wasm.component.layer.v0+wasm",
  "application/vnd.wasm.content.layer.v1+wasm",
];

/** Whether containerd unpacks layers of this type into a rootfs. */
export function isRootfsLayer(mediaType: string): boolean {
  return (
    mediaType.startsWith("application/vnd.oci.image.layer.") ||
    mediaType.startsWith("application/vnd.docker.image.rootfs.")
  );
}
