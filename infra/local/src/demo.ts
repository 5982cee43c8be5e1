import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { demoAccount } from './demo-account.js';
import { plausibleEvents } from './demo-events.js';
import { loadDemoOperations, type SendDemoOperation } from './demo-operations.js';
import { GraphqlRequestError } from './graphql-client.js';

/**
 * Makes the demo tenant of a running platform busy, until Ctrl-C: live metrics move, and every other minute is busy
 * enough to fire the demo's alert.
 */
const { values } = parseArgs({ options: { url: { type: 'string', default: 'http://localhost:4000/graphql' } } });
const tickMs = 1_000;
const halfPeriodTicks = 60;

const clientWith = await loadDemoOperations(values.url);
let send = await openClient();
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

async function openClient(): Promise<SendDemoOperation> {
  try {
    return clientWith(await signIn());
  } catch (error) {
    process.stderr.write(`There is no demo at ${values.url}: ${reasonOf(error as Error)}\n`);
    process.exit(1);
  }
}

function reasonOf(error: Error): string {
  const { message, cause } = error;
  if (error instanceof GraphqlRequestError && error.code === 'PERSISTED_QUERY_NOT_IN_LIST') {
    return (
      'it runs registered operations alone, and those of the demo are not. Give it schema/operations, where tessera-demo.json ' +
      'has them (OPERATION_MANIFESTS_PATH), or publish that file: npm run operations:publish'
    );
  }
  // Fetch keeps what went wrong with the connection in the cause.
  return `${cause instanceof Error ? cause.message : message}. Run npm start first, or name another: --url`;
}

async function track(events: readonly object[]): Promise<void> {
  try {
    await send('DemoTrack', { input: { events } });
  } catch (error) {
    if (!(error instanceof GraphqlRequestError && error.code === 'UNAUTHENTICATED')) throw error;
    // Access tokens end after half an hour; a demo may go on for a day.
    send = await openClient();
    await send('DemoTrack', { input: { events } });
  }
}

async function signIn(): Promise<string> {
  const { email, password } = demoAccount;
  const { signIn } = await clientWith()<{ signIn: { tokens?: { accessToken: string } } }>('DemoSignIn', {
    input: { email, password },
  });
  const token = signIn.tokens?.accessToken;
  if (token === undefined) throw new Error('The demo account needs a second factor');
  const { me } = await clientWith(token)<{ me: { memberships: { tenant: { id: string } }[] } }>('DemoTenants');
  const { switchTenant } = await clientWith(token)<{ switchTenant: { accessToken: string } }>('DemoSwitchTenant', {
    tenantId: me.memberships[0]?.tenant.id,
  });
  return switchTenant.accessToken;
}
