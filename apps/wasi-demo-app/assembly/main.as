// SPDX-License-Identifier: Apache-2.0
import { createFile } from "./files";
import { args, copy, environment, exit, fail, print, writeText } from "./io";
import { burn, sleep } from "./time";

const USAGE = `usage: wasi-demo-app <command> [argument ...]; without a command it greets

  echo [word ...]        prints the words
  sleep <seconds>        waits
  exit <code>            ends with that exit status
  write <file> [word ...]  writes the words into a file, in a folder that it was given
  env                    prints its environment
  args                   prints its arguments, each on a line
  cat                    copies stdin to stdout
  daemon                 prints a line a second until it is told to stop
  burn <seconds>         computes
  grow <megabytes>       takes so much memory and uses it`;

const PAGE_BYTES = 65536;
const PAGES_A_MEGABYTE = 16;

function number(words: string[], what: string): f64 {
  if (words.length !== 1) fail("one argument is needed, the " + what, 2);
  const value = parseFloat(words[0]);
  if (isNaN(value) || value < 0) fail('"' + words[0] + '" is no number of ' + what, 2);
  return value;
}

function write(words: string[]): void {
  if (words.length === 0) fail("write needs a file", 2);
  const path = words[0];
  const fd = createFile(path);
  if (fd < 0) fail("cannot write " + path + ": errno " + (-fd).toString());
  const errno = writeText(fd, words.slice(1).join(" ") + "\n");
  if (errno !== 0) fail("cannot write " + path + ": errno " + errno.toString());
}

function grow(megabytes: i32): void {
  const pages = megabytes * PAGES_A_MEGABYTE;
  const before = memory.grow(pages);
  if (before === -1) fail("cannot grow by " + megabytes.toString() + " MB");
  // Memory that is not written to is not the machine's yet.
  for (let page = 0; page < pages; page += 1) store<u8>(<usize>(before + page) * PAGE_BYTES, 1);
  print("grown by " + megabytes.toString() + " MB");
}

function daemon(): void {
  for (let seconds = 1; ; seconds += 1) {
    print("running for " + seconds.toString() + " s");
    sleep(1);
  }
}

function run(command: string, words: string[]): void {
  if (command == "echo") print(words.join(" "));
  else if (command == "sleep") sleep(number(words, "seconds"));
  else if (command == "exit") exit(<i32>number(words, "exit status"));
  else if (command == "write") write(words);
  else if (command == "env") environment().forEach((variable) => print(variable));
  else if (command == "args") args().forEach((word) => print(word));
  else if (command == "cat") copy(0, 1);
  else if (command == "daemon") daemon();
  else if (command == "burn") print("computed " + burn(number(words, "seconds")).toString() + " rounds");
  else if (command == "grow") grow(<i32>number(words, "megabytes"));
  else if (command == "--help") print(USAGE);
  else fail('there is no command "' + command + '"\n' + USAGE, 2);
}

function main(): void {
  const words = args();
  if (words.length < 2) print("hello from WebAssembly");
  else run(words[1], words.slice(2));
}

main();
