// SPDX-License-Identifier: Apache-2.0
import { Empty } from "@runwasi/containerd-api/gen/google/protobuf/empty.ts";
import { WaitRequest } from "@runwasi/containerd-api/gen/runtime/task/v2/shim.ts";
import { service, type Service, type UnaryMethodDefinition } from "@runwasi/ttrpc";

// Between the `start` command and the daemon of a pod, both of this version or another: the message must stay
// readable, so it is one of the Task API's (`id` is all that is used).
export const DaemonDefinition: {
  readonly name: "Daemon";
  readonly fullName: "runwasi.shim.v1.Daemon";
  readonly methods: {
    readonly expect: UnaryMethodDefinition<WaitRequest, Empty> & { readonly name: "Expect" };
  };
} = {
  name: "Daemon",
  fullName: "runwasi.shim.v1.Daemon",
  methods: {
    expect: {
      name: "Expect",
      requestType: WaitRequest,
      requestStream: false,
      responseType: Empty,
      responseStream: false,
    },
  },
};

/** The daemon's side: `expect` announces a task whose `start` command was given this daemon's address. */
export function daemonService(expect: (id: string) => void): Service {
  return service(DaemonDefinition, {
    async expect({ id }) {
      expect(id);
      return {};
    },
  });
}
