// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { checkpointArguments, restoreArguments } from "./checkpoint.ts";

const NOTHING = {
  imagePath: "/i",
  workPath: "/w",
  parentPath: "",
  leaveRunning: false,
  tcpEstablished: false,
  externalUnixSockets: false,
  terminal: false,
  fileLocks: false,
  emptyNamespaces: [],
  cgroupsMode: "",
};
const FOLDERS = ["--image-path", "/i", "--work-path", "/w"];

test("checkpoint has a flag for what is asked for, and for nothing else", () => {
  expect(checkpointArguments("one", NOTHING)).toEqual(["checkpoint", ...FOLDERS, "one"]);
  const all = {
    ...NOTHING,
    parentPath: "../before",
    leaveRunning: true,
    tcpEstablished: true,
    externalUnixSockets: true,
    terminal: true,
    fileLocks: true,
    emptyNamespaces: ["network"],
    cgroupsMode: "soft",
  };
  expect(checkpointArguments("one", all).join(" ")).toBe(
    "checkpoint --image-path /i --work-path /w --parent-path ../before --leave-running --tcp-established " +
      "--ext-unix-sk --shell-job --file-locks --empty-ns network --manage-cgroups-mode soft one",
  );
});

test("restore takes whatever was checkpointed; crun is not given what it lacks", () => {
  const options = {
    bundle: "/b",
    pidFile: "/b/pid",
    imagePath: "/i",
    workPath: "/w",
    stdio: ["ignore", "ignore", "ignore"] as ["ignore", "ignore", "ignore"],
    noPivotRoot: true,
  };
  const common = "restore --detach --bundle /b --pid-file /b/pid --image-path /i --work-path /w";
  expect(restoreArguments("one", options, true).join(" ")).toBe(
    `${common} --tcp-established --ext-unix-sk --file-locks one`,
  );
  expect(restoreArguments("one", { ...options, consoleSocket: "/s" }, false).join(" ")).toBe(
    `${common} --tcp-established --ext-unix-sk --file-locks --shell-job --console-socket /s --no-subreaper --no-pivot one`,
  );
});
