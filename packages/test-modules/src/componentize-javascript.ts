// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readComponentWit } from "./component-wit.ts";

const FOLDER = join(import.meta.dir, "components");
const NAMESPACE = "wasi:";
/**
 * What NAMESPACE is called during the build; as long, to be replaced in place. While componentize-qjs 0.4.5 takes its
 * snapshot it gives the component real streams and, as it has no wasi:http, stand-ins for that, which do not take them.
 * Of a namespace that it does not know it has neither, and stand-ins for both fit together.
 *
 * @see https://github.com/andreiltd/componentize-qjs/blob/2b398ffcd6f91cb3f46df7f036090159a4583d71/crates/core/src/lib.rs#L244
 */
const STAND_IN = "host:";

/**
 * Makes a component of `components/<name>.js` and the QuickJS engine: a megabyte, in about two seconds. Throws the
 * report of componentize-qjs when the source or its world is wrong.
 */
export async function componentizeJavascript(name: string): Promise<Uint8Array> {
  await using stack = new AsyncDisposableStack();
  const temporary = await mkdtemp(join(tmpdir(), "test-components-"));
  stack.defer(() => rm(temporary, { recursive: true }));
  const witPath = join(temporary, "components.wit");
  await writeFile(witPath, (await readComponentWit()).replaceAll(NAMESPACE, STAND_IN));
  const { componentize } = await import("componentize-qjs");
  const jsPath = join(FOLDER, `${name}.js`);
  const { component } = await componentize({
    witPath,
    world: name,
    jsSource: (await readFile(jsPath, "utf8")).replaceAll(`from "${NAMESPACE}`, `from "${STAND_IN}`),
    jsPath,
    moduleRoot: FOLDER,
    optSize: true,
    // Otherwise the component has the asynchronous ABI of WASI 0.3, which few hosts know.
    sync: true,
  });
  restoreNames(component);
  return new Uint8Array(component);
}

/** Gives the imports and exports of the component their real names; whatever is inside goes by indices. */
function restoreNames(component: Uint8Array): void {
  const bytes = Buffer.from(component.buffer, component.byteOffset, component.length);
  for (const section of importsAndExports(bytes)) {
    for (let at = section.indexOf(STAND_IN); at !== -1; at = section.indexOf(STAND_IN, at))
      section.write(NAMESPACE, at);
  }
}

const PREAMBLE_BYTES = 8;
const IMPORT_SECTION = 10;
const EXPORT_SECTION = 11;

function* importsAndExports(component: Buffer): Generator<Buffer> {
  for (let offset = PREAMBLE_BYTES; offset < component.length;) {
    const id = component.readUInt8(offset);
    let length = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = component.readUInt8((offset += 1));
      length += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80;
    }
    offset += 1;
    if (id === IMPORT_SECTION || id === EXPORT_SECTION) yield component.subarray(offset, offset + length);
    offset += length;
  }
}
