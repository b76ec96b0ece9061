// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { Options } from "../gen/types/runc/options/oci.ts";
import { LegacyRuncOptions } from "./legacy-runc-options.ts";

const NOTHING_SAID = Options.decode(new Uint8Array(0));

test("what ctr 1.7 sends for a user namespace", () => {
  // io_uid = 200000, io_gid = 200001
  const bytes = Uint8Array.from([0x50, 0xc0, 0x9a, 0x0c, 0x58, 0xc1, 0x9a, 0x0c]);
  expect(LegacyRuncOptions.decode(bytes)).toEqual({ ...NOTHING_SAID, ioUid: 200_000, ioGid: 200_001 });
});

test("every field that the later message has; the others are passed over", () => {
  const fields = [
    [0x08, 1, 0x10, 1, 0x18, 1, 0x20, 1, 0x28, 1], // no_pivot_root, open_tcp, external_unix_sockets, terminal, file_locks
    [0x32, 1, 0x6e, 0x3a, 1, 0x6d], // empty_namespaces "n", cgroups_mode "m"
    [0x40, 1, 0x4a, 1, 0x73, 0x50, 7, 0x58, 8], // no_new_keyring, shim_cgroup "s", io_uid, io_gid
    [0x62, 1, 0x77, 0x6a, 1, 0x69], // criu_work_path "w", criu_image_path "i"
  ];
  const bytes = Uint8Array.from(fields.flat());
  expect(LegacyRuncOptions.decode(bytes)).toEqual({
    ...NOTHING_SAID,
    noPivotRoot: true,
    noNewKeyring: true,
    shimCgroup: "s",
    ioUid: 7,
    ioGid: 8,
    criuWorkPath: "w",
    criuImagePath: "i",
  });
});

test("bytes that are cut off within a field are refused", () => {
  expect(() => LegacyRuncOptions.decode(Uint8Array.from([0x50]))).toThrow();
  expect(() => LegacyRuncOptions.decode(Uint8Array.from([0x4a, 5, 0x73]))).toThrow();
});
