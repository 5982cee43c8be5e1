import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { permissionsOf, verifyPrincipal, type Principal } from '@tessera/service/identity';
import { principalSecret } from './subgraph-harness.js';

interface Asked {
  readonly query: string;
  readonly variables: { readonly tenantId: string };
}

/** A real HTTP server that answers `membership` and `plans` as the tenant subgraph does, signature check included. */
export interface FakeTenantSubgraph {
  readonly url: string;
  /** The principals on whose behalf it was asked. */
  readonly askedBy: readonly Principal[];
  /** Tells it of a membership; null takes it away. @param status `ACTIVE` when absent */
  setRole(tenantId: string, userId: string, role: string | null, status?: string): void;
  /** Whether its tenants may be used. */
  setStatus(next: string): void;
  /** Does something between taking the next question and answering it. */
  beforeNextAnswer(act: () => Promise<void>): void;
  stop(): Promise<void>;
}

/** @param port a free one when absent */
export async function startFakeTenantSubgraph(port = 0): Promise<FakeTenantSubgraph> {
  const roles = new Map<string, { readonly role: string; readonly status: string }>();
  const askedBy: Principal[] = [];
  let act: (() => Promise<void>) | undefined;
  let status = 'ACTIVE';

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await request.toArray());
    const signed = { audience: 'tenant', method: request.method ?? '', path: request.url ?? '', body };
    const { principal } = verifyPrincipal([principalSecret], signed, request.headers, Date.now());
    askedBy.push(principal);
    const { query, variables } = JSON.parse(body.toString('utf8')) as Asked;
    if (query.includes('plans')) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data: { plans: [{ id: 'free' }, { id: 'pro' }] } }));
      return;
    }
    const member = roles.get(`${variables.tenantId} ${principal.userId}`);
    const membership =
      member === undefined ? null : { ...member, permissions: [...permissionsOf([member.role])], tenant: { status } };
    const acting = act;
    act = undefined;
    await acting?.();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { membership } }));
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.statusCode = 401;
      response.end(JSON.stringify({ errors: [{ message: String(error) }] }));
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    askedBy,
    setRole(tenantId, userId, role, memberStatus = 'ACTIVE') {
      if (role === null) roles.delete(`${tenantId} ${userId}`);
      else roles.set(`${tenantId} ${userId}`, { role, status: memberStatus });
    },
    setStatus(next) {
      status = next;
    },
    beforeNextAnswer(next) {
      act = next;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
