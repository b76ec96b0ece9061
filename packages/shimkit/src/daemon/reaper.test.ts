// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "bun:test";
import { runScript } from "../testing/run-script.ts";

/**
 * Runs in a process that is a subreaper, as the daemon is: its exits are its own. `orphan(script)` gives the pid of a
 * shell that is inherited, as a container's init is when the OCI runtime ends.
 */
async function inDaemon(body: string): Promise<unknown> {
  const { output, errors } = await runScript(
    import.meta.dir,
    `
    import { createReaper } from "./reaper.ts";
    import { becomeSubreaper } from "../linux/process-syscalls.ts";
    import { readFileSync, readdirSync } from "node:fs";
    becomeSubreaper();
    const reaper = createReaper();
    async function orphan(script) {
      // Until its parent ($$) is gone it waits: a shell may reap the children that end before itself.
      const waiting = "while kill -0 $$; do :; done; ";
      const parent = reaper.spawn(["sh", "-c", '(' + waiting + script + ') <&- >/dev/null 2>&1 & echo $!'], {
        stdio: ["ignore", "pipe", "ignore"], env: { PATH: "/usr/bin:/bin" }, cwd: "/",
      });
      const pid = Number(await new Response(parent.stdout).text());
      await parent.exited;
      return pid;
    }
    const children = () => readFileSync("/proc/self/task/" + process.pid + "/children", "utf8").trim();
    const gone = async (pid) => { while (readdirSync("/proc").includes(String(pid))) await Bun.sleep(1); };
    const keepAlive = setInterval(() => {}, 1000);
    const result = await (async () => { ${body} })();
    clearInterval(keepAlive);
    console.log(JSON.stringify(result));
    process.exit(0);`,
  );
  if (output === "") throw new Error(errors);
  return JSON.parse(output);
}

test("claimed orphans end with their exit code, or 128 and the signal's number", async () => {
  const result = await inDaemon(`
    using watch = reaper.watch();
    const exits = [];
    for (const script of ["exit 0", "exit 42", "exit 255", "kill -9 $(exec sh -c 'echo $PPID')", "sleep 60"]) {
      const pid = await orphan(script);
      const child = watch.claim(pid);
      if (script === "sleep 60") child.signal(15);
      const exit = await child.exited;
      exits.push([exit.pid === pid, exit.status, Math.abs(Date.now() - exit.exitedAtMs) < 5000]);
    }
    return exits;`);
  expect(result).toEqual([0, 42, 255, 137, 143].map((status) => [true, status, true]));
});

test("an exit before the claim is kept for it", async () => {
  const result = await inDaemon(`
    using watch = reaper.watch();
    const pid = await orphan("exit 7");
    await gone(pid);
    return (await watch.claim(pid).exited).status;`);
  expect(result).toBe(7);
});

test("an exit is kept for the watches that were open then, and not for later ones", async () => {
  const result = await inDaemon(`
    const first = reaper.watch();
    const pid = await orphan("exit 7");
    await gone(pid);
    using second = reaper.watch();
    const late = second.claim(pid).exited;
    const status = (await first.claim(pid).exited).status;
    first[Symbol.dispose]();
    return [status, await Promise.race([late.then(() => "stale"), Bun.sleep(20).then(() => "waits")])];`);
  expect(result).toEqual([7, "waits"]);
});

test("orphans that nobody claims are reaped, watch or not", async () => {
  const result = await inDaemon(`
    const before = children();
    await gone(await orphan("exit 0"));
    { using watch = reaper.watch(); await gone(await orphan("exit 0")); }
    return [before, children()];`);
  expect(result).toEqual(["", ""]);
});

test("grandchildren of an init that ends are reaped too", async () => {
  const result = await inDaemon(`
    using watch = reaper.watch();
    const pid = await orphan("(sleep 0.05; exit 3) & (sleep 0.02; exit 4) & exit 5");
    const { status } = await watch.claim(pid).exited;
    while (children() !== "") await Bun.sleep(5);
    return status;`);
  expect(result).toBe(5);
});

test("children that Bun waits for keep their exit codes, among many orphans", async () => {
  const result = await inDaemon(`
    using watch = reaper.watch();
    const options = { stdio: ["ignore", "ignore", "ignore"], env: {}, cwd: "/" };
    const codes = Array.from({ length: 16 }, (_, index) => index % 5);
    const [owned, orphans] = await Promise.all([
      Promise.all(codes.map((code) => reaper.spawn(["/bin/sh", "-c", "exit " + code], options).exited)),
      Promise.all(codes.map(async (code) => (await watch.claim(await orphan("exit " + (code + 10))).exited).status)),
    ]);
    return [owned.join() === codes.join(), orphans.join() === codes.map((code) => code + 10).join(), children()];`);
  expect(result).toEqual([true, true, ""]);
});

test("an orphan's exit is told although an unreaped child of Bun's is first in line", async () => {
  const result = await inDaemon(`
    using watch = reaper.watch();
    const pid = await orphan("sleep 0.05; exit 9");
    const claimed = watch.claim(pid);
    const child = reaper.spawn(["/bin/sh", "-c", "exit 1"], { stdio: ["ignore", "ignore", "ignore"], env: {}, cwd: "/" });
    const deadline = Date.now() + 200;
    while (Date.now() < deadline); // Bun reaps nothing meanwhile, and both end
    return [(await claimed.exited).status, await child.exited];`);
  expect(result).toEqual([9, 1]);
});

test("signal() is false once the child has ended, and InvalidArgument for no signal", async () => {
  const result = await inDaemon(`
    using watch = reaper.watch();
    const child = watch.claim(await orphan("sleep 60"));
    let code;
    try { child.signal(999); } catch (error) { code = error.code; }
    const sent = [child.signal(0), child.signal(9)];
    await child.exited;
    return [code, ...sent, child.signal(9), child.signal(0)];`);
  expect(result).toEqual(["InvalidArgument", true, true, false, false]);
});
