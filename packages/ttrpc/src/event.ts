// SPDX-License-Identifier: Apache-2.0

/** What a server or client reports besides the results of calls; hand it to the owner's log. */
export type TtrpcEvent =
  /** This side ended the connection, or found it broken: an oversize frame, the peer gone inside a frame, an I/O error. */
  | { readonly kind: "connection-broken"; readonly reason: string; readonly cause?: unknown }
  /** A frame of a type or stream that means nothing here was skipped; a reply to a call given up is one. */
  | { readonly kind: "frame-ignored"; readonly streamId: number; readonly type: number }
  /** A handler's result was replaced by an error status: it cannot be encoded, or is too large. */
  | {
      readonly kind: "reply-replaced";
      readonly method: string;
      readonly reason: string;
      readonly cause?: unknown;
    }
  /** A fault in this package or in the owner's `toStatus`; the call answered Unknown. */
  | { readonly kind: "internal-error"; readonly reason: string; readonly cause?: unknown }
  /** The server stopped reading from a peer that does not take its replies. */
  | { readonly kind: "reading-paused"; readonly queuedBytes: number }
  /** The peer took its replies and is read from again. */
  | { readonly kind: "reading-resumed" };

/** Takes events. It must not throw. */
export type TtrpcLog = (event: TtrpcEvent) => void;
