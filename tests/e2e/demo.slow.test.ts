import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ask, type GraphqlRequest } from '../support/graphql-client.js';
import { createLeftovers } from '../support/leftovers.js';
import { startLocalMode } from '../support/local-mode.js';
import { startPlatformProcess, type PlatformProcess } from '../support/platform-process.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

/** What `npm run demo` runs. */
function startDemo(origin: string): PlatformProcess {
  const demo = startPlatformProcess('infra/local/dist/demo.js', ['--url', `${origin}/graphql`]);
  leftovers.defer('demo', () => demo.end('SIGKILL'));
  return demo;
}

/** Asks until there is an answer: a machine that is busy may refuse the first plans for their time. */
async function askPatiently<Data>(origin: string, request: GraphqlRequest): Promise<Data> {
  const answers: Data[] = [];
  await eventually(async () => answers.push(await ask<Data>(origin, request)) > 0, 60_000);
  const [answer] = answers;
  if (answer === undefined) throw new Error('There was no answer');
  return answer;
}

interface Tokens {
  readonly accessToken: string;
}

interface Profile {
  readonly me: { readonly memberships: readonly { readonly tenant: { readonly id: string } }[] };
}

interface Counted {
  readonly metrics: { readonly rows: readonly { readonly measures: readonly { readonly value: number }[] }[] };
}

const dayMs = 24 * 60 * 60 * 1_000;
const theseDays = {
  from: new Date(Date.now() - 7 * dayMs).toISOString(),
  to: new Date(Date.now() + dayMs).toISOString(),
};

const signIn = `mutation { signIn(input: { email: "demo@tessera.local", password: "demo-password" }) {
  ... on SignedIn { tokens { accessToken } } } }`;

test('the demo keeps its tenant busy, also where only registered operations run, named by their id', async () => {
  const local = await startLocalMode({
    withDemo: true,
    // This test's own questions come from a client without a name.
    environment: { PERSISTED_OPERATIONS: 'id-only', PERSISTED_OPERATIONS_BY_CLIENT: 'unknown=off' },
  });
  leftovers.defer('platform', () => local.remove());
  const { accessToken } = (await askPatiently<{ signIn: { tokens: Tokens } }>(local.origin, { query: signIn })).signIn
    .tokens;
  const { me } = await askPatiently<Profile>(local.origin, {
    query: '{ me { memberships { tenant { id } } } }',
    token: accessToken,
  });
  const { switchTenant } = await askPatiently<{ switchTenant: Tokens }>(local.origin, {
    query: `mutation { switchTenant(tenantId: "${me.memberships[0]?.tenant.id}") { accessToken } }`,
    token: accessToken,
  });
  const countEvents = async (): Promise<number> => {
    const { metrics } = await askPatiently<Counted>(local.origin, {
      query: `query ($query: MetricsQuery!) { metrics(query: $query) { rows { measures { value } } } }`,
      variables: { query: { measures: [{ kind: 'COUNT' }], range: theseDays } },
      token: switchTenant.accessToken,
    });
    return metrics.rows[0]?.measures[0]?.value ?? 0;
  };
  const before = await countEvents();

  const demo = startDemo(local.origin);
  await demo.written('Sending events of demo@tessera.local');

  await eventually(async () => (await countEvents()) > before + 6, 60_000);
}, 240_000);

test('where its operations are not registered the demo says what to do', async () => {
  const server = createServer((message, response) => {
    message.resume().on('end', () => {
      const error = { message: 'No operation is registered', extensions: { code: 'PERSISTED_QUERY_NOT_IN_LIST' } };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ errors: [error] }));
    });
  }).listen(0, '127.0.0.1');
  leftovers.defer('server', () => server.close());
  await once(server, 'listening');

  const demo = startDemo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  expect((await demo.ended).code).toBe(1);
  expect(demo.output()).toContain('tessera-demo.json');
  expect(demo.output()).toContain('OPERATION_MANIFESTS_PATH');
}, 60_000);
