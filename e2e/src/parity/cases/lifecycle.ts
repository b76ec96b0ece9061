// SPDX-License-Identifier: Apache-2.0
// A task's life as containerd's client sees it: states, exit statuses, refusals.
import { execIn } from "../../harness/exec.ts";
import { subscribe } from "../../harness/events.ts";
import { isRefusal, type ParityCase } from "../parity-case.ts";
import { processesWithExec, statusOf, type Stage } from "../stage.ts";

const SLEEP = "exec sleep 1000";
const REASONS = ["not found", "already exists", "failed precondition"] as const;

/** Runs ctr and answers what of its refusal is containerd's own words, "" when it did as it was told. */
async function refusalOf(stage: Stage, ...args: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await stage.containerd.ctr(args);
  if (exitCode === 0) return "";
  return REASONS.find((reason) => stderr.includes(reason)) ?? "other";
}

export const LIFECYCLE_CASES: readonly ParityCase[] = [
  {
    name: "running, stopped, deleted",
    expected: { running: "RUNNING", stopped: "STOPPED", exit: 9, deleted: undefined },
    async play(stage) {
      await using container = await stage.start(
        {},
        "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done",
      );
      await container.printed("ready");
      const running = await statusOf(stage);
      await container.kill();
      await container.stopped();
      const stopped = await statusOf(stage);
      return { running, stopped, exit: await container.deleted(), deleted: await statusOf(stage) };
    },
  },
  {
    name: "what is refused of a task that runs",
    expected: { deletion: "failed precondition", again: "already exists", unknown: "not found" },
    async play(stage) {
      await using _container = await stage.start({}, SLEEP);
      return {
        deletion: await refusalOf(stage, "task", "delete", stage.id),
        again: await refusalOf(stage, "task", "start", "--detach", stage.id),
        unknown: await refusalOf(stage, "task", "kill", `${stage.id}-unknown`),
      };
    },
  },
  {
    name: "what is refused of a task that has stopped",
    expected: { kill: true, pause: true, exec: true, exit: 4 },
    async play(stage) {
      await using container = await stage.start({}, "exit 4");
      await container.stopped();
      const { exitCode } = await execIn(stage.containerd, container, { args: ["true"] });
      return {
        kill: (await refusalOf(stage, "task", "kill", "--signal", "SIGKILL", stage.id)) !== "",
        pause: (await refusalOf(stage, "task", "pause", stage.id)) !== "",
        exec: exitCode !== 0,
        exit: await container.deleted(),
      };
    },
  },
  {
    name: "a task is deleted by force, and its container can be started again",
    expected: { forced: "", again: "", exit: 137 },
    async play(stage) {
      await using container = await stage.start({}, SLEEP);
      const forced = await refusalOf(stage, "task", "delete", "--force", stage.id);
      const again = await refusalOf(stage, "task", "start", "--detach", stage.id);
      await container.kill("--signal", "SIGKILL");
      return { forced, again, exit: await container.deleted() };
    },
  },
  {
    name: "a program that is not there leaves no task",
    expected: { isRefused: true, status: undefined },
    async play(stage) {
      const { stderr } = await stage.run({ process: { args: ["/not/there"] } }, "");
      return { isRefused: isRefusal(stderr), status: await statusOf(stage) };
    },
  },
  {
    name: "paused, resumed, and killed while it is paused",
    expected: { paused: "PAUSED", resumed: "RUNNING", again: "PAUSED", exit: 137 },
    async play(stage) {
      await using container = await stage.start({}, SLEEP);
      const first = await refusalOf(stage, "task", "pause", stage.id);
      const paused = await statusOf(stage);
      const second = await refusalOf(stage, "task", "resume", stage.id);
      const resumed = await statusOf(stage);
      await refusalOf(stage, "task", "pause", stage.id);
      const again = await statusOf(stage);
      await container.kill("--signal", "SIGKILL");
      return { refusals: [first, second], paused, resumed, again, exit: await container.deleted() };
    },
  },
  {
    name: "processes are listed, those of execs too",
    expected: { rows: 3 },
    async play(stage) {
      await using container = await stage.start({}, "sleep 1000 & echo ready; wait");
      await container.printed("ready");
      return { rows: await processesWithExec(stage) };
    },
  },
  {
    name: "events from create to exit, with an exec",
    expected: { first: "/tasks/create", last: "/tasks/exit" },
    async play(stage) {
      await using events = await subscribe(stage.containerd);
      await using container = await stage.start({}, SLEEP);
      await execIn(stage.containerd, container, { args: ["true"], execId: "one" });
      await container.kill("--signal", "SIGKILL");
      // Not to the deletion, whose event runc's shim may end without sending.
      await events.initExit(stage.id);
      const topics = events
        .of(stage.id)
        .map(({ topic }) => topic)
        .filter((topic) => topic.startsWith("/tasks/"));
      return { first: topics[0], last: topics.at(-1), topics };
    },
  },
  {
    name: "names of all metrics",
    expected: { isMeasured: true },
    async play(stage) {
      // What is 0 is left out: so much work that it is not by chance, and nothing of the page cache, where it is (a major fault is
      // one that found no page there), nor of the lists of pages, which the kernel puts new ones on by the batch.
      const work =
        "n=0; while [ $n -lt 100000 ]; do n=$((n+1)); done; dd if=/dev/zero of=/dev/null bs=1M count=1000";
      await using container = await stage.start({}, `${work}; echo ready; ${SLEEP}`);
      await container.printed("ready");
      const { stdout } = await stage.containerd.ctr(["task", "metrics", "--format", "json", stage.id]);
      const metrics: unknown = JSON.parse(stdout);
      const names = namesOf(metrics).filter(
        (name) => !/active|cache|dirty|file|maj_fault|writeback/.test(name),
      );
      return { isMeasured: stdout.includes("usage"), names };
    },
  },
];

/** Every member's name with the names above it; of a list that of its first element. */
function namesOf(value: unknown, above = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [above];
  const members = Array.isArray(value)
    ? value.slice(0, 1).map((one) => ["[]", one] as const)
    : Object.entries(value);
  return members.flatMap(([name, member]) => namesOf(member, `${above}/${name}`)).toSorted();
}
