// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VmImage } from "../../../scripts/toolchain/vm-image.ts";

/** How a machine's processor is had: by the host's, or emulated, which is 10 to 20 times slower. */
type Accelerator = "kvm" | "tcg";

export interface VmRun {
  readonly image: VmImage;
  /** An ext4 file system with `run`, a script of /bin/sh; only read. */
  readonly job: string;
  readonly timeoutMs: number;
  /** Called with what the job prints, as it comes. */
  readonly print: (text: string) => void;
}

export interface VmOutcome {
  readonly accelerator: Accelerator;
  readonly output: string;
  /** The job's exit status. */
  readonly status: number;
}

const ACCELERATION: Record<Accelerator, readonly string[]> = {
  kvm: ["-accel", "kvm", "-cpu", "host"],
  // Emulated, a processor has what Bun needs (AVX2) only with everything; translations are kept up to 512 MB.
  tcg: ["-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max"],
};

const PANIC_AT_ONCE = ["console=ttyS0", "panic=-1"];
/** A kernel without a root gives up in less than a second of a processor's own time. */
const PROBE_TIMEOUT_MS = 10_000;
const MEMORY_MB = "3072";
/**
 * A kernel patches its own code while it boots, and an emulated processor may then meet the breakpoint that only the other one
 * was told of ("Oops: int3"): seen once in some dozens of boots.
 */
const MOST_BOOTS: Record<Accelerator, number> = { kvm: 1, tcg: 3 };
const CONSOLE_LENGTH = 4_000;
const POLL_MS = 200;

/**
 * Starts a machine, runs the job in it and answers how that ended.
 *
 * @throws Error with the end of the machine's console when it ends without telling, or not in time.
 */
export async function runVm(run: VmRun): Promise<VmOutcome> {
  const accelerator = (await bootsUnderKvm(run.image.kernel)) ? "kvm" : "tcg";
  let life = await live(run, accelerator);
  for (let boots = 1; boots < MOST_BOOTS[accelerator] && !life.hasBegun && !life.isLate; boots += 1) {
    run.print(`the machine ended before its job began, and boots again: ${life.console}\n`);
    life = await live(run, accelerator);
  }
  const { output, console, isLate } = life;
  const status = /^VMTEST-EXIT (\d+)$/m.exec(output)?.[1];
  if (status === undefined) {
    const how = isLate ? `not ended in ${run.timeoutMs} ms` : "ended without telling";
    throw new Error(`cannot run a virtual machine: it has ${how}; its console: ${console}`);
  }
  return { accelerator, output, status: Number(status) };
}

/** A machine from its boot to its end. */
interface Life {
  readonly output: string;
  /** The end of what its kernel printed. */
  readonly console: string;
  /** Whether the job has printed anything. */
  readonly hasBegun: boolean;
  /** Whether it was ended because its time was over. */
  readonly isLate: boolean;
}

async function live(run: VmRun, accelerator: Accelerator): Promise<Life> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "runwasi-vmrun-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const port = join(folder, "port");
  const consoleLog = join(folder, "console");
  await writeFile(port, "");
  const machine = spawnQemu(ACCELERATION[accelerator].concat(hardware(run, port, consoleLog)));
  const timer = setTimeout(() => machine.kill("SIGKILL"), run.timeoutMs);
  stack.defer(() => clearTimeout(timer));
  const output = await follow(port, machine, run.print);
  const console = (await readFile(consoleLog, "utf8").catch(() => "")).slice(-CONSOLE_LENGTH);
  return { output, console, hasBegun: output !== "", isLate: machine.signalCode === "SIGKILL" };
}

function hardware({ image, job }: VmRun, port: string, consoleLog: string): string[] {
  const kernel = [...PANIC_AT_ONCE, "quiet", "mitigations=off", "root=/dev/nvme0n1", "rw"];
  return [
    ["-m", MEMORY_MB, "-smp", "2", "-serial", `file:${consoleLog}`],
    ["-kernel", image.kernel, "-append", kernel.join(" ")],
    // The only NVMe device, so that the kernel names it surely; what is written to it goes to a file that qemu has deleted.
    ["-drive", `file=${image.disk},if=none,id=root,format=raw,snapshot=on,cache=unsafe`],
    ["-device", "nvme,drive=root,serial=root"],
    ["-drive", `file=${job},if=none,id=job,format=raw,readonly=on`],
    ["-device", "virtio-blk-pci,drive=job,serial=job"],
    ["-device", "virtio-rng-pci", "-device", "virtio-serial"],
    ["-chardev", `file,id=port,path=${port}`, "-device", "virtserialport,chardev=port,name=vmtest"],
  ].flat();
}

/** Whether this machine's KVM runs the kernel: /dev/kvm can be there and yet run only guests made for it. */
async function bootsUnderKvm(kernel: string): Promise<boolean> {
  const args = [...ACCELERATION.kvm, "-m", "512", "-kernel", kernel, "-append", PANIC_AT_ONCE.join(" ")];
  const machine = spawnQemu([...args, "-serial", "none"], "ignore");
  const timer = setTimeout(() => machine.kill("SIGKILL"), PROBE_TIMEOUT_MS);
  const status = await machine.exited;
  clearTimeout(timer);
  return status === 0;
}

/** A machine without anything that is not asked for, which ends with this process and gives way to what runs beside it. */
function spawnQemu(args: readonly string[], stderr: "inherit" | "ignore" = "inherit"): Bun.Subprocess {
  const machine = [
    "nice",
    "-n",
    "10",
    "qemu-system-x86_64",
    "-nodefaults",
    "-display",
    "none",
    "-no-reboot",
    "-nic",
    "none",
  ];
  return Bun.spawn(["setpriv", "--pdeathsig", "KILL", ...machine, "-machine", "q35", ...args], {
    stdio: ["ignore", "ignore", stderr],
  });
}

async function follow(path: string, machine: Bun.Subprocess, print: VmRun["print"]): Promise<string> {
  let printed = 0;
  for (;;) {
    const ended = machine.exitCode !== null || machine.signalCode !== null;
    const bytes = await readFile(path);
    // Whole lines, so that no character is cut in two.
    const until = ended ? bytes.length : bytes.lastIndexOf(10) + 1;
    if (until > printed) print(bytes.subarray(printed, until).toString());
    printed = Math.max(printed, until);
    if (ended) return bytes.toString();
    await Promise.race([machine.exited, Bun.sleep(POLL_MS)]);
  }
}
