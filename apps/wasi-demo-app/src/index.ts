// SPDX-License-Identifier: Apache-2.0
export { compileApp } from "./compile-app.ts";
export { type AppImage, encodeAppArtifact, encodeAppRootfs } from "./images.ts";
