import {
  encodePrincipal,
  endedSessionsPath,
  revocationSchema,
  servicePrincipal,
  signPrincipal,
  type Revocation,
} from '@tessera/service/identity';

/** Asks for all sessions that ended, or got other rights, so lately that older tokens of theirs may be about. @throws Error without an answer */
export type LoadEndedSessions = () => Promise<Revocation>;

export interface EndedSessionsOptions {
  /** Where the auth subgraph lists them; its path is what is signed. */
  readonly url: string;
  readonly signingSecret: string;
  /** Default 3,000. */
  readonly timeoutMs?: number;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** Creates the question to the auth subgraph, which answers to nobody but a gateway. */
export function createEndedSessionsLoader(options: EndedSessionsOptions): LoadEndedSessions {
  const { url, signingSecret, timeoutMs = 3_000, now = Date.now } = options;
  const caller = { principal: encodePrincipal(servicePrincipal()) };
  const signed = { audience: 'auth', method: 'GET', path: endedSessionsPath, body: '' };
  return async () => {
    const { request } = await import('undici');
    const { statusCode, body } = await request(url, {
      headers: { ...signPrincipal(signingSecret, signed, caller, now()) },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`Ended sessions were answered with status ${statusCode}`);
    }
    return revocationSchema.parse(await body.json());
  };
}
