import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { recentAuthenticationPath, sessionProofPath, verifyPrincipal } from '@tessera/service/identity';
import type { SessionProof } from '@tessera/service/security-policy';
import { principalSecret } from './subgraph-harness.js';

/** A real HTTP server that answers `me` as the auth subgraph does, signature check included. */
export interface FakeAuthSubgraph {
  readonly url: string;
  /** Gives a person an address; without one it is `<id>@example.com`, proven. */
  setAddress(userId: string, email: string, isEmailVerified: boolean): void;
  /** Makes a person one who has no account. */
  setUnknown(userId: string): void;
  /** Whether people have lately proven who they are; they have until it is told otherwise. */
  setRecent(isRecent: boolean): void;
  /** How everybody's session was opened; with a password just now until it is told otherwise. */
  setProof(proof: Partial<SessionProof>): void;
  /** Answers nothing but errors until it is told otherwise. */
  setBroken(isBroken: boolean): void;
  stop(): Promise<void>;
}

const stale = {
  message: 'Authenticate again first',
  extensions: { code: 'PRECONDITION_FAILED', details: { reason: 'REAUTHENTICATION_REQUIRED', needs: ['password'] } },
};

export async function startFakeAuthSubgraph(): Promise<FakeAuthSubgraph> {
  const addresses = new Map<string, { readonly email: string | null; readonly isEmailVerified: boolean | null }>();
  let broken = false;
  let recent = true;
  let proof: Partial<SessionProof> = {};

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await request.toArray());
    const signed = { audience: 'auth', method: request.method ?? '', path: request.url ?? '', body };
    const { principal } = verifyPrincipal([principalSecret], signed, request.headers, Date.now());
    response.setHeader('content-type', 'application/json');
    if (request.url === recentAuthenticationPath) {
      response.statusCode = recent ? 204 : 412;
      response.end(recent ? undefined : JSON.stringify({ errors: [stale] }));
      return;
    }
    if (request.url === sessionProofPath) {
      const usual: SessionProof = { way: 'password', hasMfa: false, provenAtMs: Date.now(), longestGapSeconds: 0 };
      response.end(JSON.stringify({ ...usual, ...proof }));
      return;
    }
    const { userId = '' } = principal;
    const me = addresses.get(userId) ?? { email: `${userId}@example.com`, isEmailVerified: true };
    response.end(JSON.stringify(broken ? { errors: [{ message: 'broken' }] } : { data: { me } }));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.statusCode = 401;
      response.end(JSON.stringify({ errors: [{ message: String(error) }] }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    setAddress: (userId, email, isEmailVerified) => void addresses.set(userId, { email, isEmailVerified }),
    setUnknown: (userId) => void addresses.set(userId, { email: null, isEmailVerified: null }),
    setBroken(isBroken) {
      broken = isBroken;
    },
    setProof(given) {
      proof = given;
    },
    setRecent(isRecent) {
      recent = isRecent;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
