// SPDX-License-Identifier: Apache-2.0
import { MalformedError, parseRuntimeSpec } from "@runwasi/oci";

const text = `{
  "ociVersion": "1.2.1",
  "process": { "cwd": "/", "args": ["/app.wasm"], "rlimits": [{ "type": "RLIMIT_CORE", "hard": 18446744073709551615 }] }
}`;

// What this package does not know is kept, 64-bit numbers to the digit.
const spec = parseRuntimeSpec(text);
spec.ociVersion = "1.0.0";
process.stdout.write(`${JSON.stringify(spec)}\n`);

try {
  parseRuntimeSpec('{"ociVersion":"1.2.1","process":{"cwd":"/","args":"/app.wasm"}}');
} catch (error) {
  if (error instanceof MalformedError) process.stdout.write(`${error.message}\n`);
}
