import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { prepareSubgraphOperation } from '@tessera/gateway/execution/subgraph-client';
import { createGateway } from '@tessera/gateway/gateway';
import { createResilientClient } from '@tessera/gateway/registry/resilient-client';
import { auditExportPath } from '@tessera/service/audit';
import { anonymousPrincipal, encodePrincipal, tokenPath } from '@tessera/service/identity';
import { GraphQLError } from 'graphql';
import { aRequestContext } from '../gateway/support/federation.js';
import { openRawSocket, type ProtocolMessage } from '../gateway/support/raw-socket.js';
import { startRunningGateway } from '../gateway/support/running-gateway.js';
import { startAuthGateway } from '../support/auth-gateway.js';
import { startAuthHarness, type AuthHarness } from '../support/auth-harness.js';
import { composeSubgraphs } from '../support/compose-subgraphs.js';
import { CookieClient, pageOfCookies, signInByPage } from '../support/cookie-client.js';
import { greeter } from '../support/greeter-subgraph.js';
import { createLeftovers } from '../support/leftovers.js';
import { logLines, type LoggedLines } from '../support/logged-lines.js';
import { principalSecret, startSubgraphHarness, type SubgraphHarness } from '../support/subgraph-harness.js';

const otherSecret = 'some-other-secret-of-thirty-two-bytes';
const leftovers = createLeftovers();
afterAll(() => leftovers.close());

const textOf = ({ lines }: LoggedLines): string => JSON.stringify(lines.filter(({ level }) => level === 'warn'));

async function subscribe(url: string, query: string): Promise<ProtocolMessage> {
  const socket = await openRawSocket(url);
  leftovers.defer('socket', () => socket.socket.close());
  await socket.initialise();
  socket.send({ id: '1', type: 'subscribe', payload: { query } });
  return socket.next();
}

describe('a gateway whose subgraph has another secret', () => {
  let harness: SubgraphHarness;
  const log = logLines();
  let port: number;

  beforeAll(async () => {
    harness = await startSubgraphHarness(greeter);
    leftovers.defer('subgraph', () => harness.stop());
    const url = `${harness.url}/graphql`;
    const { sdl: typeDefs } = await greeter.buildSchema();
    const gateway = await createGateway({
      config: loadGatewayConfig({
        PORT: '0',
        HOST: '127.0.0.1',
        DRAIN_DELAY_MS: '0',
        PRINCIPAL_SECRET: otherSecret,
        RATE_LIMITS: 'none',
      }),
      supergraphSdl: composeSubgraphs([{ name: 'greeter', url, typeDefs }]),
      logger: log.logger,
    });
    leftovers.defer('gateway', () => gateway.stop());
    port = gateway.port;
  }, 60_000);

  test('says of it that it is not available, and warns of the signature', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ greeting }' }),
    });

    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['SUBGRAPH_UNAVAILABLE']);
    expect(JSON.stringify(errors)).not.toContain('SIGNATURE');
    expect(textOf(log)).toContain('SIGNATURE_WRONG');
  });

  test('says so of subscriptions too', async () => {
    const message = await subscribe(`ws://127.0.0.1:${port}/graphql`, 'subscription { greetings }');

    expect(JSON.stringify(message)).toContain('SUBGRAPH_UNAVAILABLE');
    expect(JSON.stringify(message)).not.toContain('UNAUTHENTICATED');
  }, 30_000);
});

test('a stream whose proof a subgraph takes for stale is not available, for whoever is signed in', async () => {
  const log = logLines();
  const running = await startRunningGateway({ logger: log.logger });
  leftovers.defer('gateway', () => running.close());
  const extensions = { code: 'UNAUTHENTICATED', details: { reason: 'SIGNATURE_STALE' } };
  running.subgraphs.alerts.refuseStreams(new GraphQLError('The signature of the request is too old', { extensions }));

  const message = await subscribe(running.socketUrl, 'subscription { alerts { status } }');

  expect(JSON.stringify(message)).toContain('SUBGRAPH_UNAVAILABLE');
  expect(JSON.stringify(message)).not.toContain('UNAUTHENTICATED');
  expect(textOf(log)).toContain('SIGNATURE_STALE');
}, 30_000);

describe('auth, before which signatures are refused', () => {
  let harness: AuthHarness;
  beforeAll(async () => {
    harness = await startAuthHarness();
    leftovers.defer('auth', () => harness.stop());
  }, 60_000);

  test('is not available to a gateway whose clock is wrong, and the gateway knows why', async () => {
    const client = createResilientClient({
      urls: new Map([['auth', [`${harness.url}/graphql`]]]),
      timeoutMs: 5_000,
      signingSecret: principalSecret,
      now: () => Date.now() - 60_000,
    });
    leftovers.defer('client', () => client.close());
    const operation = prepareSubgraphOperation({
      subgraph: 'auth',
      kind: 'query',
      query: '{ me { id } }',
      operationName: undefined,
    });
    const encodedPrincipal = encodePrincipal(anonymousPrincipal);

    const sending = client.send({ operation, variables: undefined }, aRequestContext({ encodedPrincipal }));

    await expect(sending).rejects.toMatchObject({
      code: 'SUBGRAPH_UNAVAILABLE',
      cause: { message: expect.stringContaining('SIGNATURE_STALE') },
    });
  });

  test('ends no session that a gateway keeps in cookies, and gives out neither tokens nor the audit log', async () => {
    const cookies = { SESSION_COOKIE_ORIGINS: pageOfCookies };
    const [right, wrong] = await Promise.all([
      startAuthGateway(harness, cookies),
      startAuthGateway(harness, { ...cookies, PRINCIPAL_SECRET: otherSecret }),
    ]);
    leftovers.defer('gateways', () => Promise.all([right.stop(), wrong.stop()]));
    const { browser, person } = await signInByPage(harness, 'kept', new CookieClient(right.origin));
    const other = new CookieClient(wrong.origin);
    for (const [name, value] of browser.jar) other.jar.set(name, value);

    const refreshed = await other.refresh();
    const tokens = await fetch(`${wrong.origin}${tokenPath}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: 'Basic YTpi' },
      body: 'grant_type=client_credentials',
    });

    const log = await fetch(`${wrong.origin}${auditExportPath}`, {
      headers: { authorization: `Bearer ${person.tokens.accessToken}` },
    });

    expect([refreshed.status, tokens.status, log.status]).toEqual([502, 502, 502]);
    expect(other.jar).toEqual(browser.jar);
    expect((await browser.refresh()).status).toBe(200);
  }, 60_000);
});
