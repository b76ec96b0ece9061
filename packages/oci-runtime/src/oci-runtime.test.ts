// SPDX-License-Identifier: Apache-2.0
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { OciRuntimeError } from "./error.ts";
import { openOciRuntime, type OciRuntime } from "./oci-runtime.ts";
import { createTemporaryFolder, type TemporaryFolder } from "./testing/temporary-folder.ts";

/** Writes its arguments one a line to `argv`, its environment to `env`, its folder to `cwd`. */
const RECORD = `
printf '%s\\n' "$@" > "$folder/argv"
tr '\\0' '\\n' < /proc/$$/environ > "$folder/env"
pwd > "$folder/cwd"
`;

function fakeRuntime(folder: TemporaryFolder, body: string, systemdCgroup = false): OciRuntime {
  const executable = folder.script("fakerun", `folder='${folder.path}'\n${RECORD}\n${body}`);
  return openOciRuntime({
    executable,
    root: "/run/root",
    bundle: folder.path,
    logPath: join(folder.path, "log"),
    systemdCgroup,
    spawn: Bun.spawn,
  });
}

function fails(folder: TemporaryFolder, message: string): OciRuntime {
  const line = JSON.stringify({ level: "error", msg: message });
  writeFileSync(join(folder.path, "line"), `${line}\n`);
  return fakeRuntime(folder, 'cat "$folder/line" >> "$folder/log"; exit 1');
}

function recorded(folder: TemporaryFolder, name: string): readonly string[] {
  return readFileSync(join(folder.path, name), "utf8").split("\n").slice(0, -1);
}

async function rejection(call: Promise<unknown>): Promise<OciRuntimeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof OciRuntimeError) return error;
    throw error;
  }
  throw new Error("it does not reject");
}

const CREATE = {
  bundle: "/bundle with space",
  pidFile: "/bundle with space/init.pid",
  stdio: ["ignore", "ignore", "ignore"] as ["ignore", "ignore", "ignore"],
  noPivotRoot: false,
  noNewKeyring: false,
};

test("every call has the root and the JSON log before the verb", async () => {
  using folder = createTemporaryFolder();
  const runtime = fakeRuntime(folder, "");
  const flags = ["--root", "/run/root", "--log", join(folder.path, "log"), "--log-format", "json"];
  await runtime.create("one", CREATE);
  const created = ["create", "--bundle", CREATE.bundle, "--pid-file", CREATE.pidFile, "one"];
  expect(recorded(folder, "argv")).toEqual([...flags, ...created]);
  await runtime.start("one");
  expect(recorded(folder, "argv")).toEqual([...flags, "start", "one"]);
  await runtime.killAll("one", 9);
  expect(recorded(folder, "argv")).toEqual([...flags, "kill", "--all", "one", "9"]);
  await runtime.delete("one");
  expect(recorded(folder, "argv")).toEqual([...flags, "delete", "--force", "one"]);
});

test("options of the container become flags", async () => {
  using folder = createTemporaryFolder();
  const runtime = fakeRuntime(folder, "", true);
  await runtime.create("one", { ...CREATE, noPivotRoot: true, noNewKeyring: true });
  const argv = recorded(folder, "argv");
  expect(argv.slice(6)).toEqual([
    "--systemd-cgroup",
    "create",
    "--bundle",
    CREATE.bundle,
    "--pid-file",
    CREATE.pidFile,
    "--no-pivot",
    "--no-new-keyring",
    "one",
  ]);
});

test("exec has its process, its pid file, its own log, and the socket for a terminal", async () => {
  using folder = createTemporaryFolder();
  const runtime = fakeRuntime(folder, "");
  const files = { process: "/b/process.json", pidFile: "/b/pid", logPath: "/b/log" };
  const stdio = CREATE.stdio;
  const argv = ["--log", "/b/log", "--log-format", "json", "exec", "--detach"];
  argv.push("--process", files.process, "--pid-file", files.pidFile);
  await runtime.exec("one", { ...files, stdio });
  expect(recorded(folder, "argv").slice(2)).toEqual([...argv, "one"]);
  await runtime.exec("one", { ...files, stdio, consoleSocket: "/b/socket" });
  expect(recorded(folder, "argv").slice(2)).toEqual([...argv, "--console-socket", "/b/socket", "one"]);
});

test("exec() and update() let no words of others choose the kind of their failure", async () => {
  using folder = createTemporaryFolder();
  const runtime = fails(folder, "chdir `/x`: container does not exist");
  const files = { process: "p", pidFile: "p", logPath: join(folder.path, "log"), stdio: CREATE.stdio };
  expect((await rejection(runtime.exec("one", files))).kind).toBe("failed");
  expect((await rejection(runtime.update("one", "r"))).kind).toBe("failed");
  expect((await rejection(runtime.pause("one"))).kind).toBe("no-such-container");
});

const CHECKPOINT = {
  imagePath: "/i",
  workPath: "/w",
  parentPath: "",
  leaveRunning: true,
  tcpEstablished: false,
  externalUnixSockets: false,
  terminal: false,
  fileLocks: false,
  emptyNamespaces: [],
  cgroupsMode: "",
};

test("checkpoint and restore find the criu that is named, and its configuration", async () => {
  using folder = createTemporaryFolder();
  const runtime = fakeRuntime(folder, "");
  await runtime.checkpoint("one", { ...CHECKPOINT, folder: "/opt/criu/bin", config: "/b/criu.conf" });
  expect(recorded(folder, "argv").slice(6)).toStrictEqual(
    ["checkpoint", "--image-path", "/i", "--work-path", "/w", "--leave-running"].concat("one"),
  );
  const env = recorded(folder, "env");
  expect(env).toContain("CRIU_CONFIG_FILE=/b/criu.conf");
  expect(env.some((entry) => entry.startsWith("PATH=/opt/criu/bin:/usr/local/sbin:"))).toBe(true);
  const { bundle, pidFile, stdio, noPivotRoot } = CREATE;
  await runtime.restore("one", { bundle, pidFile, stdio, noPivotRoot, imagePath: "/i", workPath: "/w" });
  expect(recorded(folder, "argv")[6]).toBe("restore");
  expect(recorded(folder, "env").map((entry) => entry.replace(/=.*/, ""))).toEqual(["PATH"]);
});

test("a checkpoint by a runtime that knows none says what it is built without", async () => {
  using folder = createTemporaryFolder();
  const error = await rejection(fakeRuntime(folder, "exit 1").checkpoint("one", CHECKPOINT));
  expect(error).toMatchObject({ kind: "failed", message: expect.stringContaining("built without CRIU") });
  const other = await rejection(fails(folder, "no freezer").checkpoint("one", CHECKPOINT));
  expect(other.message).toBe("fakerun checkpoint: no freezer");
});

test("youki, which writes over its log, is not told with what was there", async () => {
  using folder = createTemporaryFolder();
  writeFileSync(join(folder.path, "log"), `${JSON.stringify({ level: "error", msg: "old" })}\n`);
  const executable = folder.script(
    "youki",
    `echo '{"level":"ERROR","message":"error in executing command: new"}' > '${folder.path}/log'; exit 1`,
  );
  const options = {
    root: "/r",
    bundle: folder.path,
    logPath: join(folder.path, "log"),
    systemdCgroup: false,
    spawn: Bun.spawn,
  };
  const error = await rejection(openOciRuntime({ ...options, executable }).start("one"));
  expect(error.message).toBe("youki start: new");
});

test("pause, resume and update name the container", async () => {
  using folder = createTemporaryFolder();
  const runtime = fakeRuntime(folder, "");
  await runtime.pause("one");
  expect(recorded(folder, "argv").slice(6)).toEqual(["pause", "one"]);
  await runtime.resume("one");
  expect(recorded(folder, "argv").slice(6)).toEqual(["resume", "one"]);
  await runtime.update("one", "/b/resources.json");
  expect(recorded(folder, "argv").slice(6)).toEqual(["update", "--resources", "/b/resources.json", "one"]);
});

test("the runtime gets a PATH, where the user's systemd is, nothing else of our environment, and works in the bundle", async () => {
  using folder = createTemporaryFolder();
  const ours = { ...process.env };
  const given = {
    XDG_RUNTIME_DIR: "/run/user/1000",
    DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/user/1000/bus",
  };
  Object.assign(process.env, { ...given, LD_PRELOAD_FOR_TEST: "leaks" });
  try {
    await fakeRuntime(folder, "").start("one");
  } finally {
    for (const name of [...Object.keys(given), "LD_PRELOAD_FOR_TEST"]) delete process.env[name];
    Object.assign(process.env, ours);
  }
  const names = recorded(folder, "env").map((entry) => entry.replace(/=.*/, ""));
  expect(names.sort()).toEqual(["DBUS_SESSION_BUS_ADDRESS", "PATH", "XDG_RUNTIME_DIR"]);
  expect(recorded(folder, "cwd")).toEqual([folder.path]);
});

test("create() gives its stdio to the runtime, the other calls none", async () => {
  using folder = createTemporaryFolder();
  const out = openSync(join(folder.path, "out"), "w");
  const runtime = fakeRuntime(folder, 'echo "to stdout"');
  try {
    await runtime.create("one", { ...CREATE, stdio: ["ignore", out, "ignore"] });
    await runtime.start("one");
  } finally {
    closeSync(out);
  }
  expect(recorded(folder, "out")).toEqual(["to stdout"]);
});

test("an error carries the runtime's name, the verb and the logged words", async () => {
  using folder = createTemporaryFolder();
  const error = await rejection(fails(folder, "container `c1` already exists").create("c1", CREATE));
  expect(error).toMatchObject({ kind: "failed", message: "fakerun create: container `c1` already exists" });
});

test("a failure without a log names the exit status", async () => {
  using folder = createTemporaryFolder();
  const error = await rejection(fakeRuntime(folder, "exit 7").start("c1"));
  expect(error).toMatchObject({ kind: "failed", message: "fakerun start: exit status 7" });
});

test("a failure without words is not told with those of an earlier call", async () => {
  using folder = createTemporaryFolder();
  const runtime = fakeRuntime(
    folder,
    `if [ -e "$folder/twice" ]; then exit 7; fi; touch "$folder/twice"
     echo '{"level":"error","msg":"container does not exist"}' >> "$folder/log"; exit 1`,
  );
  expect((await rejection(runtime.start("c1"))).kind).toBe("no-such-container");
  expect(await rejection(runtime.start("c1"))).toMatchObject({
    kind: "failed",
    message: "fakerun start: exit status 7",
  });
});

test("start() and killAll() tell a container that is gone from one that has ended", async () => {
  using folder = createTemporaryFolder();
  expect((await rejection(fails(folder, "container does not exist").killAll("c1", 9))).kind).toBe(
    "no-such-container",
  );
  expect((await rejection(fails(folder, "kill container: No such process").killAll("c1", 9))).kind).toBe(
    "not-running",
  );
});

test("create() lets no words of the image choose the kind of its failure", async () => {
  using folder = createTemporaryFolder();
  const words = "executable file `/container does not exist` not found in $PATH: No such file or directory";
  expect((await rejection(fails(folder, words).create("c1", CREATE))).kind).toBe("failed");
});

test("delete() of a container that does not exist is no error, other failures are", async () => {
  using folder = createTemporaryFolder();
  await fails(folder, "container does not exist").delete("c1");
  const error = await rejection(fails(folder, "cannot remove cgroup: Device or resource busy").delete("c1"));
  expect(error.kind).toBe("failed");
});

test("a runtime that is not there is not-installed, one that cannot be executed is not", async () => {
  using folder = createTemporaryFolder();
  const at = (executable: string) =>
    openOciRuntime({
      executable,
      root: "/",
      bundle: folder.path,
      logPath: "/nonexistent/log",
      systemdCgroup: false,
      spawn: Bun.spawn,
    });
  expect((await rejection(at("/nonexistent/crun").start("c1"))).kind).toBe("not-installed");
  writeFileSync(join(folder.path, "plain"), "");
  expect((await rejection(at(join(folder.path, "plain")).start("c1"))).kind).toBe("failed");
  expect(existsSync("/nonexistent")).toBe(false);
});
