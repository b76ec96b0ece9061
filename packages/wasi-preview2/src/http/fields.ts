// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from "../abi/value-type.ts";
import { mismatch } from "../abi/values.ts";
import { hostFunction, hostResource, method } from "../host/host-function.ts";
import { err, ok, type Result } from "../host/result.ts";
import type { HostInterface } from "../link/host-interface.ts";

type Entry = readonly [name: string, value: Uint8Array];
type HeaderError = { readonly tag: "invalid-syntax" | "forbidden" | "immutable" };
type Changed = Result<undefined, HeaderError>;

/** What belongs to the connection and not to the message: RFC 9110, 7.6.1. The same as wasmtime's. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "host",
  "http2-settings",
]);

// RFC 9110, 5.6.2 and 5.5
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** `wasi:http/types.fields`. */
export class Fields {
  #entries: Entry[];
  readonly #isImmutable: boolean;

  constructor(entries: readonly Entry[] = [], isImmutable = false) {
    this.#entries = [...entries];
    this.#isImmutable = isImmutable;
  }

  /** Fields that came from outside, in which a guest changes nothing. */
  static received(headers: Headers): Fields {
    const entries = [...headers].filter(([name]) => !FORBIDDEN.has(name));
    return new Fields(
      entries.map(([name, value]) => [name, Buffer.from(value, "latin1")]),
      true,
    );
  }

  entries(): readonly Entry[] {
    return this.#entries;
  }

  frozen(): Fields {
    return new Fields(this.#entries, true);
  }

  get(name: string): readonly Uint8Array[] {
    const wanted = name.toLowerCase();
    return this.#entries.flatMap(([one, value]) => (one.toLowerCase() === wanted ? [value] : []));
  }

  set(name: string, values: readonly Uint8Array[]): Changed {
    return this.#change(name, values, () => {
      this.#remove(name);
      for (const value of values) this.#entries.push([name, value]);
    });
  }

  append(name: string, value: Uint8Array): Changed {
    return this.#change(name, [value], () => this.#entries.push([name, value]));
  }

  delete(name: string): Changed {
    return this.#change(name, [], () => this.#remove(name));
  }

  /** For the platform: a header's bytes as characters. */
  toPairs(): [string, string][] {
    return this.#entries.map(([name, value]) => [name, Buffer.from(value).toString("latin1")]);
  }

  #remove(name: string): void {
    const removed = name.toLowerCase();
    this.#entries = this.#entries.filter(([one]) => one.toLowerCase() !== removed);
  }

  #change(name: string, values: readonly Uint8Array[], run: () => void): Changed {
    if (this.#isImmutable) return err({ tag: "immutable" });
    if (!TOKEN.test(name) || !values.every(isFieldValue)) return err({ tag: "invalid-syntax" });
    if (FORBIDDEN.has(name.toLowerCase())) return err({ tag: "forbidden" });
    run();
    return ok();
  }
}

function isFieldValue(value: Uint8Array): boolean {
  return value.every((byte) => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f));
}

export const FIELDS: ResourceType = hostResource("fields");

/** Fields that were given to a message: what the guest changes afterwards changes nothing. */
export function fieldsOf(value: unknown): Fields {
  if (!(value instanceof Fields)) throw mismatch("fields", value);
  return value.frozen();
}

function fromList(entries: readonly Entry[]): Result<Fields, HeaderError> {
  const fields = new Fields();
  for (const [name, value] of entries) {
    const changed = fields.append(name, value);
    if (changed.tag === "err") return changed;
  }
  return ok(fields);
}

export const fieldsFunctions: HostInterface["functions"] = {
  "[constructor]fields": hostFunction(() => new Fields()),
  "[static]fields.from-list": hostFunction(fromList),
  "[method]fields.get": method(Fields, (self, name: string) => self.get(name)),
  "[method]fields.has": method(Fields, (self, name: string) => self.get(name).length > 0),
  "[method]fields.set": method(Fields, (self, name: string, values: readonly Uint8Array[]) =>
    self.set(name, values),
  ),
  "[method]fields.append": method(Fields, (self, name: string, value: Uint8Array) =>
    self.append(name, value),
  ),
  "[method]fields.delete": method(Fields, (self, name: string) => self.delete(name)),
  "[method]fields.entries": method(Fields, (self) => self.entries()),
  "[method]fields.clone": method(Fields, (self) => new Fields(self.entries())),
};
