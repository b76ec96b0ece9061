// SPDX-License-Identifier: Apache-2.0
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Options } from "../gen/types/runc/options/oci.ts";

/** The message's name in an Any. */
export const LEGACY_RUNC_OPTIONS = "containerd.linux.runc.CreateOptions";

/**
 * Decodes the options of containerd's first runtime, which clients up to 1.7 send to every runtime that is not called
 * `io.containerd.runc`: for a user namespace, `--no-pivot`, a session keyring or a restore. Answered as the message
 * that took their place; what that does not have is left out. No published definition holds it any more.
 *
 * @throws Error on malformed bytes.
 * @see https://github.com/containerd/containerd/blob/v1.7.24/runtime/linux/runctypes/runc.proto
 */
export const LegacyRuncOptions: { decode(bytes: Uint8Array): Options } = {
  decode(bytes) {
    const reader = new BinaryReader(bytes);
    const options = Options.decode(new Uint8Array(0));
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === 1) options.noPivotRoot = reader.bool();
      else if (field === 8) options.noNewKeyring = reader.bool();
      else if (field === 9) options.shimCgroup = reader.string();
      else if (field === 10) options.ioUid = reader.uint32();
      else if (field === 11) options.ioGid = reader.uint32();
      else if (field === 12) options.criuWorkPath = reader.string();
      else if (field === 13) options.criuImagePath = reader.string();
      else reader.skip(wireType, field);
    }
    return options;
  },
};
