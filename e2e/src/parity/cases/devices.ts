// SPDX-License-Identifier: Apache-2.0
// Device nodes, and the device rules of the cgroup.
import type { JsonMap } from "../../harness/spec.ts";
import { shellCase, type ParityCase } from "../parity-case.ts";

/** Loop control: there on every machine with loop devices, and to be opened by whoever may. */
const CONTROL = { type: "c", major: 10, minor: 237 };
const OPEN =
  "mknod /work/control c 10 237 && (: </work/control) 2>&1 | sed 's/.*: //'; rm -f /work/control; echo end";

function rules(...more: readonly JsonMap[]): JsonMap {
  return { linux: { resources: { devices: [{ allow: false, access: "rwm" }, ...more] } } };
}

export const DEVICE_CASES: readonly ParityCase[] = [
  shellCase({
    name: "a device node with mode and owner",
    spec: {
      linux: {
        devices: [
          { path: "/dev/mynull", type: "c", major: 1, minor: 3, fileMode: 0o640, uid: 1000, gid: 10 },
        ],
      },
    },
    script: "stat -c '%a %u %g %t:%T' /dev/mynull; echo x >/dev/mynull && echo written",
    stdout: "640 1000 10 1:3\nwritten\n",
  }),
  shellCase({
    name: "a device that no rule allows",
    spec: rules(),
    script: OPEN,
    stdout: "Operation not permitted\nend\n",
  }),
  shellCase({
    name: "a device that a rule allows",
    spec: rules({ allow: true, ...CONTROL, access: "rwm" }),
    script: OPEN,
    stdout: "end\n",
  }),
  shellCase({
    name: "the usual devices and links",
    script:
      "for name in null zero full random urandom tty fd stdin stdout stderr ptmx; do [ -e /dev/$name ] && printf '%s ' $name; done; head -c 4 /dev/zero | wc -c; echo x 2>/dev/null >/dev/full || echo full",
    stdout: "null zero full random urandom tty fd stdin stdout stderr ptmx 4\nfull\n",
  }),
];
