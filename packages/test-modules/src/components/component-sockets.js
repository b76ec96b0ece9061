// Looks names up, connects to or listens on a TCP port: `lookup <name>`, `connect <name> <port> <text>`, `listen <port>`.
// SPDX-License-Identifier: Apache-2.0
import environment from "wasi:cli/environment@0.2.10";
import exit from "wasi:cli/exit@0.2.10";
import stderr from "wasi:cli/stderr@0.2.10";
import stdout from "wasi:cli/stdout@0.2.10";
import instanceNetwork from "wasi:sockets/instance-network@0.2.10";
import ipNameLookup from "wasi:sockets/ip-name-lookup@0.2.10";
import tcpCreateSocket from "wasi:sockets/tcp-create-socket@0.2.10";
import { errorCode } from "./error-code.js";
import { copy, dispose, wait, writeAll } from "./streams.js";
import { encode } from "./text.js";

const COMMANDS = { lookup, connect, listen };

export const run = {
  run() {
    const [, command, ...args] = environment.getArguments();
    try {
      COMMANDS[command](...args);
    } catch (error) {
      writeAll(stderr.getStderr(), encode(`cannot ${command} ${args.join(" ")}: ${errorCode(error)}\n`));
      exit.exit({ tag: "err" });
    }
  },
};

function print(text) {
  writeAll(stdout.getStdout(), encode(text));
}

/** Prints each address of a name on a line. */
function lookup(name) {
  for (const { val: parts, tag } of addresses(name)) {
    print(tag === "ipv4" ? `${parts.join(".")}\n` : `${parts.map((part) => part.toString(16)).join(":")}\n`);
  }
}

/** Sends a text to the first address of a name, and prints what comes back until the end. */
function connect(name, port, text) {
  const [{ tag, val: address }] = addresses(name);
  const network = instanceNetwork.instanceNetwork();
  const socket = tcpCreateSocket.createTcpSocket(tag);
  socket.startConnect(network, socketAddress(tag, address, Number(port)));
  const [input, output] = finished(socket, () => socket.finishConnect());
  writeAll(output, encode(text));
  socket.shutdown("send");
  copy(input, stdout.getStdout());
  dispose(input, output, socket, network);
}

/** Prints its port (0 asks for any), echoes one connection until its end, and ends. */
function listen(port) {
  const network = instanceNetwork.instanceNetwork();
  const socket = tcpCreateSocket.createTcpSocket("ipv4");
  socket.startBind(network, socketAddress("ipv4", [0, 0, 0, 0], Number(port)));
  finished(socket, () => socket.finishBind());
  socket.startListen();
  finished(socket, () => socket.finishListen());
  print(`listening on ${socket.localAddress().val.port}\n`);
  const [connection, input, output] = finished(socket, () => socket.accept());
  copy(input, output);
  connection.shutdown("send");
  dispose(input, output, connection, socket, network);
}

function socketAddress(tag, address, port) {
  return tag === "ipv4"
    ? { tag, val: { port, address } }
    : { tag, val: { port, address, flowInfo: 0, scopeId: 0 } };
}

function addresses(name) {
  const network = instanceNetwork.instanceNetwork();
  const stream = ipNameLookup.resolveAddresses(network, name);
  const next = () => finished(stream, () => stream.resolveNextAddress());
  const found = [];
  for (let address = next(); address !== null; address = next()) found.push(address);
  dispose(stream, network);
  return found;
}

/** What `attempt` answers once it no longer would block. */
function finished(resource, attempt) {
  for (;;) {
    try {
      return attempt();
    } catch (error) {
      if (errorCode(error) !== "would-block") throw error;
      wait(resource.subscribe());
    }
  }
}
