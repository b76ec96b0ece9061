// SPDX-License-Identifier: Apache-2.0

/** Whom outgoing requests trust: what `fetch` is told for an URL, nothing where the platform's own certificates do. */
export type Trust = (url: string) => Promise<{ readonly tls?: { readonly ca: string[] } }>;

/** Trusts `certificates` (PEM), which are asked for once, beside the platform's own. */
export function trustOf(certificates: () => string | undefined = () => undefined): Trust {
  let authorities: Promise<string[] | undefined> | undefined;
  return async (url) => {
    if (!url.startsWith("https:")) return {};
    const ca = await (authorities ??= authoritiesWith(certificates()));
    return ca === undefined ? {} : { tls: { ca } };
  };
}

async function authoritiesWith(certificates: string | undefined): Promise<string[] | undefined> {
  if (certificates === undefined) return undefined;
  const { rootCertificates } = await import("node:tls"); // `ca` replaces them
  return [...rootCertificates, certificates];
}
