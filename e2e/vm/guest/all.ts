// SPDX-License-Identifier: Apache-2.0
// The tests that run inside the machine, in the order in which they run.
import { beforeAll } from "bun:test";
import { prepareMachine } from "./machine.ts";
import "./engines.ts";
import "./cgroup2.ts";
import "./systemd.ts";
import "./user-namespaces.ts";
import "./apparmor.ts";

beforeAll(prepareMachine);
