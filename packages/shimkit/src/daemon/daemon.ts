// SPDX-License-Identifier: Apache-2.0
import { existsSync, rmSync } from "node:fs";
import { serve, type TtrpcServer } from "@runwasi/ttrpc";
import type { Flags } from "../command/flags.ts";
import type { CreateInstance } from "../instance.ts";
import { createPublisher, type Publisher } from "../events/publisher.ts";
import { becomeSubreaper } from "../linux/process-syscalls.ts";
import { openBundleLog, type Logger } from "../log/logger.ts";
import type { ShimDefinition } from "../shim.ts";
import { createOomWatch } from "../task/oom-watch.ts";
import { taskServices } from "../task/task-service.ts";
import { TaskTable } from "../task/task-table.ts";
import { toStatus } from "../task/to-status.ts";
import { daemonService } from "./daemon-service.ts";
import type { OpenedGroup } from "./open-group.ts";
import { createIdleMemory, type IdleMemory } from "./idle-memory.ts";
import { createReaper } from "./reaper.ts";
import { stateDir, tryLockSockets } from "./state-dir.ts";

/** How often a daemon looks whether it was forgotten: no task, nobody connected, twice in a row. */
const FORGOTTEN_CHECK_MS = 30_000;
const LOCK_RETRY_MS = 5;

/**
 * Serves the Task API until containerd asks for Shutdown with no task left.
 *
 * Started with a clean environment; `openGroup` has done the rest. Owns the socket, every container's init (as
 * subreaper), and each task's mounts and fds.
 */
export async function runDaemon(shim: ShimDefinition, flags: Flags, group: OpenedGroup): Promise<void> {
  const { namespace, id } = flags;
  const { fd, socket, scope, bundle, debug } = group;
  becomeSubreaper();
  const dir = stateDir();
  const logLevel = debug ? "debug" : "info";
  const tasks = new TaskTable();
  tasks.expect(id);
  // Of the daemon's own: containerd reads a bundle's log only as long as there is its task.
  const log = openBundleLog(() => tasks.oldest?.bundle.path ?? bundle, {
    minLevel: logLevel,
    fields: { runtime: shim.name, namespace },
  });
  outlive(log);
  const reaper = createReaper();
  const memory = createIdleMemory();
  const publisher = announced(createPublisher(process.env["TTRPC_ADDRESS"] ?? "", namespace, log), memory);
  const ended = Promise.withResolvers<void>();
  // Loaded once the socket is served: containerd connects meanwhile.
  const instances = Promise.withResolvers<CreateInstance>();
  const endIfIdle = () =>
    void unlinkIfIdle(tasks, dir, socket).then((unlinked) => unlinked && ended.resolve());
  const server = serve({
    listen: { fd },
    services: [
      ...taskServices({
        tasks,
        shimName: shim.name,
        namespace,
        logLevel,
        stateDir: dir,
        containerdAddress: flags.address,
        reaper,
        spawn(argv, options) {
          memory.waitsForProcess();
          return reaper.spawn(argv, options);
        },
        createInstance: async (request, host) => (await instances.promise)(request, host),
        publisher,
        oomWatch: createOomWatch(),
        // Unmapping takes more than the call: where each pod's daemon did so, it would show.
        measured: () => scope === "node" && memory.unmapSoon(),
        shutdown(asked) {
          tasks.forget(asked);
          endIfIdle();
        },
      }),
      daemonService((expected) => tasks.expect(expected)),
    ],
    toStatus: (error) => toStatus(error, (unexpected) => log.error(`unexpected: ${stackOf(unexpected)}`)),
    log: (event) => log.warn(`ttrpc: ${JSON.stringify(event)}`),
  });
  instances.resolve(shim.instances());
  watchForgotten(server, tasks, endIfIdle);
  log.debug("shim daemon is ready", { pid: process.pid, bootMs: performance.now().toFixed(1) });
  await ended.promise;
  await server.close();
  await publisher.close();
  log.debug("shim daemon ends", { pid: process.pid });
}

/** Has the process go on where a mistake or a signal would end it: containers are its children. */
function outlive(log: Logger): void {
  process.on("uncaughtException", (error) => log.error(`unexpected: ${error.stack ?? error.message}`));
  process.on("unhandledRejection", (reason) => log.error(`unexpected: ${stackOf(reason)}`));
  process.on("SIGTERM", () => {}); // a host that shuts down ends containers first, through containerd
  process.on("SIGINT", () => {});
}

/** The same publisher; all that changes a task is an event, so that memory hears of it. */
function announced(publisher: Publisher, memory: IdleMemory): Publisher {
  return {
    publish(event) {
      memory.touch();
      publisher.publish(event);
    },
    close: () => publisher.close(),
  };
}

/**
 * Takes the socket out of reach if no task is there or announced, under the lock that a `start` command holds while
 * it binds one; true when this daemon has to end.
 */
async function unlinkIfIdle(tasks: TaskTable, dir: string, socket: string): Promise<boolean> {
  while (tasks.isIdle) {
    if (!existsSync(socket)) return true; // somebody removed it: nobody can reach this daemon any more
    using lock = tryLockSockets(dir);
    if (lock !== undefined) {
      if (!tasks.isIdle) return false;
      rmSync(socket, { force: true });
      return true;
    }
    await Bun.sleep(LOCK_RETRY_MS);
  }
  return false;
}

/** Ends a daemon that containerd lost sight of, as when it was killed between Delete and Shutdown. */
function watchForgotten(server: TtrpcServer, tasks: TaskTable, end: () => void): void {
  let wasForgotten = false;
  setInterval(() => {
    const isForgotten = tasks.isIdle && server.connections === 0;
    if (isForgotten && wasForgotten) end();
    wasForgotten = isForgotten;
  }, FORGOTTEN_CHECK_MS).unref();
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
