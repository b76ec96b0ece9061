// SPDX-License-Identifier: Apache-2.0
import type { HostInterface } from "../link/host-interface.ts";
import { functions } from "./cli.ts";
import { Descriptor, type FileAccess } from "./descriptor.ts";
import { contentFunctions } from "./descriptor-content.ts";
import { metadataFunctions } from "./descriptor-metadata.ts";
import { pathFunctions } from "./descriptor-paths.ts";
import { DirectoryEntries } from "./directory-entries.ts";
import { fileErrorCode, fileResult } from "./file-error.ts";
import { hostFunction, hostResource, method } from "./host-function.ts";
import { ERROR, INPUT_STREAM, OUTPUT_STREAM } from "./io.ts";
import { openPreopen, type Preopen } from "./preopen.ts";
import { IoError } from "./stream-error.ts";

const DESCRIPTOR = hostResource("descriptor");
const DIRECTORY_ENTRY_STREAM = hostResource("directory-entry-stream");

/** `wasi:filesystem`: no path leads out of a preopen. */
export function filesystemInterfaces(
  access: FileAccess,
  preopens: readonly Preopen[],
): Readonly<Record<string, HostInterface>> {
  return {
    "wasi:filesystem/preopens": functions(
      { "get-directories": () => preopens.map((preopen) => [openPreopen(preopen), preopen.guestPath]) },
      { descriptor: DESCRIPTOR },
    ),
    "wasi:filesystem/types": {
      resources: {
        descriptor: DESCRIPTOR,
        "directory-entry-stream": DIRECTORY_ENTRY_STREAM,
        "input-stream": INPUT_STREAM,
        "output-stream": OUTPUT_STREAM,
        error: ERROR,
      },
      functions: {
        ...contentFunctions(access),
        ...metadataFunctions(access),
        ...pathFunctions(access),
        "[method]descriptor.read-directory": method(Descriptor, (self) =>
          fileResult(() => new DirectoryEntries(access, self)),
        ),
        "[method]directory-entry-stream.read-directory-entry": method(DirectoryEntries, (self) =>
          fileResult(() => self.next()),
        ),
        "filesystem-error-code": hostFunction((error: unknown) =>
          error instanceof IoError ? fileErrorCode(error.cause) : undefined,
        ),
      },
    },
  };
}
