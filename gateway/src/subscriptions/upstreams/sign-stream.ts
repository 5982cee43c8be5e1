import { signPrincipal, type PrincipalHeaders } from '@tessera/service/identity';
import type { RequestContext } from '../../context.js';

/** How streams prove to subgraphs on whose behalf they are. */
export interface StreamSigner {
  /** What goes with a stream beside its proof: ids to trace it by, and what of the client's headers is handed on. */
  headers(context: RequestContext): Readonly<Record<string, string>>;
  /** Undefined where nothing is signed. */
  readonly sign: ((what: SignedStream, context: RequestContext) => PrincipalHeaders) | undefined;
}

/** What a proof is good for. */
export interface SignedStream {
  readonly subgraph: string;
  readonly method: 'GET' | 'POST' | 'SUBSCRIBE';
  readonly url: string;
  readonly body: string;
}

/** What streams are signed by. */
export interface StreamSignerOptions {
  /** Shared with subgraphs; without one streams go unsigned. */
  readonly signingSecret: string | undefined;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** Creates the signer of a gateway's streams. */
export function createStreamSigner({ signingSecret, now = Date.now }: StreamSignerOptions): StreamSigner {
  return {
    headers: ({ requestId, traceparent, forwardedHeaders }) => ({
      'x-request-id': requestId,
      traceparent,
      ...forwardedHeaders,
    }),
    sign:
      signingSecret === undefined
        ? undefined
        : ({ subgraph, method, url, body }, { encodedPrincipal }) =>
            signPrincipal(
              signingSecret,
              { audience: subgraph, method, path: new URL(url).pathname, body },
              { principal: encodedPrincipal },
              now(),
            ),
  };
}
