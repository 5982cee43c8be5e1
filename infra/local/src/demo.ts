import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { demoAccount } from './demo-account.js';
import { plausibleEvents } from './demo-events.js';
import { createGraphqlClient, GraphqlRequestError, type GraphqlRequest } from './graphql-client.js';

/**
 * Makes the demo tenant of a running platform busy, until Ctrl-C: live metrics move, and every other minute is busy
 * enough to fire the demo's alert.
 */
const { values } = parseArgs({ options: { url: { type: 'string', default: 'http://localhost:4000/graphql' } } });
const tickMs = 1_000;
const halfPeriodTicks = 60;

let request = await openClient();
const visits = plausibleEvents(new Date(), 1);
process.stdout.write(`Sending events of ${demoAccount.email} to ${values.url}; Ctrl-C ends it\n`);

for (let tick = 0; ; tick += 1) {
  const isBusy = Math.floor(tick / halfPeriodTicks) % 2 === 1;
  const count = (isBusy ? 30 : 6) + Math.floor(Math.random() * 6);
  const events = Array.from({ length: count }, () => {
    const { name, properties } = visits[Math.floor(Math.random() * visits.length)] ?? {
      name: 'page.viewed',
      properties: {},
    };
    return { name, properties, occurredAt: new Date().toISOString() };
  });
  await track(events);
  await wait(tickMs);
}

async function openClient(): Promise<GraphqlRequest> {
  try {
    return createGraphqlClient(values.url, await signIn(createGraphqlClient(values.url)));
  } catch (error) {
    // Fetch keeps what went wrong with the connection in the cause.
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    process.stderr.write(`There is no demo at ${values.url}: ${reason}. Run npm start first, or name another: --url\n`);
    process.exit(1);
  }
}

async function track(events: readonly object[]): Promise<void> {
  const send = () =>
    request('mutation ($input: TrackInput!) { track(input: $input) { accepted } }', { input: { events } });
  try {
    await send();
  } catch (error) {
    if (!(error instanceof GraphqlRequestError && error.code === 'UNAUTHENTICATED')) throw error;
    // Access tokens end after half an hour; a demo may go on for a day.
    request = await openClient();
    await send();
  }
}

async function signIn(anonymous: GraphqlRequest): Promise<string> {
  const { signIn } = await anonymous<{ signIn: { tokens?: { accessToken: string } } }>(
    'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { tokens { accessToken } } } }',
    { input: { email: demoAccount.email, password: demoAccount.password } },
  );
  const token = signIn.tokens?.accessToken;
  if (token === undefined) throw new Error('The demo account needs a second factor');
  const { me } = await createGraphqlClient(
    values.url,
    token,
  )<{ me: { memberships: { tenant: { id: string } }[] } }>('{ me { memberships { tenant { id } } } }');
  const { switchTenant } = await createGraphqlClient(values.url, token)<{ switchTenant: { accessToken: string } }>(
    'mutation ($tenantId: ID!) { switchTenant(tenantId: $tenantId) { accessToken } }',
    { tenantId: me.memberships[0]?.tenant.id },
  );
  return switchTenant.accessToken;
}
