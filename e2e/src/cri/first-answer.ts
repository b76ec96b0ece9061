// SPDX-License-Identifier: Apache-2.0
import { requestInside } from "../harness/http-request.ts";
import { waitUntil } from "../harness/wait-until.ts";
import type { CriNode } from "./cri-node.ts";

/** What a GET from the node is answered, once somebody listens. */
export async function firstAnswer(node: CriNode, url: string): Promise<string> {
  return await waitUntil(`${url} to be served`, async () => {
    const answers = await requestInside(node.network, [{ url }]).catch(() => undefined);
    return answers?.[0]?.body.trim();
  });
}
