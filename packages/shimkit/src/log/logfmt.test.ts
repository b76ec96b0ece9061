// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { formatLogLine } from "./logfmt.ts";

const HOSTILE = [
  'x\ntime="now" level=fatal msg=forged',
  "x\r\nlevel=error",
  '" level=error msg="y',
  "\\",
  '\\" level=error',
  "\u001b[2Jcleared",
  "\u009b2Jcleared",
  "\u007f\b\0",
  "a\u2028b\u2029c\u0085d",
  "\u202eright to left",
  "\u{e0041}tag",
  "\ud800",
  "a=b",
  "",
  " ",
];

/** Reads a line as a logfmt parser does; throws on what is not `key=value`. */
function parse(line: string): Map<string, string> {
  expect(line.endsWith("\n")).toBe(true);
  const fields = new Map<string, string>();
  let rest = line.slice(0, -1);
  while (rest !== "") {
    const [whole, key, value] = /^([\w.]+)=("(?:[^"\\]|\\.)*"|[^\s"=]+)(?: |$)/.exec(rest) ?? [];
    if (whole === undefined || key === undefined || value === undefined)
      throw new Error(`not logfmt: ${rest}`);
    fields.set(key, value.startsWith('"') ? String(JSON.parse(value)) : value);
    rest = rest.slice(whole.length);
  }
  return fields;
}

test("a line is containerd's: time, level, msg, fields", () => {
  const line = formatLogLine(0, "info", "task has stopped", {
    id: "one",
    pid: 7,
    ok: true,
    absent: undefined,
  });
  expect(line).toBe(
    'time="1970-01-01T00:00:00.000Z" level=info msg="task has stopped" id=one pid=7 ok=true\n',
  );
});

test("a value is bare only when it is plain", () => {
  expect(formatLogLine(0, "info", "m", { a: "/run/b.c@d+e:f^g-h" })).toContain(" a=/run/b.c@d+e:f^g-h\n");
  expect(formatLogLine(0, "info", "m", { a: "b c" })).toContain(' a="b c"\n');
  expect(formatLogLine(0, "info", "m", { a: "" })).toContain(' a=""\n');
});

test.each(HOSTILE)("%p stays inside its quotes, as message and as value", (text) => {
  const line = formatLogLine(0, "info", text, { id: text, last: "x" });
  // oxlint-disable-next-line no-control-regex
  expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  const fields = parse(line);
  expect([...fields.keys()]).toEqual(["time", "level", "msg", "id", "last"]);
  expect(fields.get("level")).toBe("info");
  expect(fields.get("msg")).toBe(text);
  expect(fields.get("id")).toBe(text);
});
