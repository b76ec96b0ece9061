// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { ShimError } from "@runwasi/containerd-shimkit";
import type { Descriptor } from "@runwasi/oci";
import { chooseLayer } from "./choose-layer.ts";

function layer(digit: string, title?: string): Descriptor {
  const bare = { mediaType: "application/wasm", digest: `sha256:${digit.repeat(64)}`, size: 8 };
  return title === undefined ? bare : { ...bare, annotations: { "org.opencontainers.image.title": title } };
}

const [A, B, UNTITLED] = [layer("a", "a.wasm"), layer("b", "b.wasm"), layer("c")];

function refusal(layers: readonly Descriptor[], name: string): ShimError {
  try {
    chooseLayer(layers, name, "img");
  } catch (error) {
    if (error instanceof ShimError) return error;
  }
  throw new Error("it was not refused");
}

test.each(["", "a.wasm", "other.wasm", "/bin/x"])("the only layer is run as %p", (name) => {
  expect(chooseLayer([A], name, "img")).toEqual({ layer: A, invoke: undefined });
});

test.each([
  ["b.wasm", undefined],
  ["/b.wasm", undefined],
  ["./b.wasm", undefined],
  ["b.wasm#greet", "greet"],
])("of several, %s names one by its title", (name, invoke) => {
  expect(chooseLayer([A, B, UNTITLED], name, "img")).toEqual({ layer: B, invoke });
});

test("the function of the only layer is named behind a #, before which a name stands", () => {
  expect(chooseLayer([UNTITLED], "x#greet", "img").invoke).toBe("greet");
  expect(chooseLayer([UNTITLED], "#greet", "img").invoke).toBeUndefined();
});

test("none, and more than one, are InvalidArgument and list the titles", () => {
  const none = refusal([A, UNTITLED], "../a.wasm");
  expect(none.code).toBe("InvalidArgument");
  expect(none.message).toContain('none has the title "../a.wasm"');
  expect(none.message).toContain("a.wasm, (without a title)");
  const twice = refusal([A, layer("d", "a.wasm")], "a.wasm");
  expect(twice.code).toBe("InvalidArgument");
  expect(twice.message).toContain('more than one has the title "a.wasm"');
});

test("a long list is cut", () => {
  const many = Array.from({ length: 100 }, (_, index) => layer("e", `${index}.wasm`));
  const { message } = refusal(many, "");
  expect(message).toContain("7.wasm, …)");
  expect(message).not.toContain("8.wasm");
});
