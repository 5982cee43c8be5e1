import { demoAccount } from './demo-account.js';
import { plausibleEvents } from './demo-events.js';
import { createGraphqlClient, GraphqlRequestError, type GraphqlRequest } from './graphql-client.js';
import type { LocalPlatform } from './local-platform.js';

const batchSize = 500;
const days = 3;

/**
 * Makes the demo tenant on the first start, through a gateway like any client; later starts find it there. Where the
 * platform's gateway runs registered operations alone, these would be refused: another one stands in for it then.
 */
export async function seedDemo(platform: LocalPlatform): Promise<void> {
  if (!platform.isListEnforced) return seedThrough(platform.ports.gateway);
  const gateway = await platform.openPermissiveGateway();
  try {
    await seedThrough(gateway.port);
  } finally {
    await gateway.stop();
  }
}

async function seedThrough(port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/graphql`;
  const accessToken = await signUp(createGraphqlClient(url));
  if (accessToken === undefined) return;
  const tenantToken = await createTenant(createGraphqlClient(url, { accessToken }));
  const request = createGraphqlClient(url, { accessToken: tenantToken });
  const events = plausibleEvents(new Date(), days);
  for (let start = 0; start < events.length; start += batchSize) {
    await request('mutation ($input: TrackInput!) { track(input: $input) { accepted } }', {
      input: { events: events.slice(start, start + batchSize) },
    });
  }
  await request('mutation ($input: CreateAlertRuleInput!) { createAlertRule(input: $input) { id } }', {
    input: {
      name: 'Busy checkout',
      measure: 'EVENT_COUNT',
      eventName: 'checkout.completed',
      operator: 'GREATER_THAN',
      threshold: 50,
      windowSeconds: 60,
      forSeconds: 10,
    },
  });
}

/** @returns an access token, or undefined where the demo account exists already, or nobody gets in before the address is proven */
async function signUp(request: GraphqlRequest): Promise<string | undefined> {
  const { email, password, displayName } = demoAccount;
  try {
    const { signUp } = await request<{ signUp: { tokens: { accessToken: string } | null } }>(
      'mutation ($input: SignUpInput!) { signUp(input: $input) { tokens { accessToken } } }',
      { input: { email, password, displayName } },
    );
    return signUp.tokens?.accessToken;
  } catch (error) {
    if (error instanceof GraphqlRequestError && error.code === 'CONFLICT') return undefined;
    throw error;
  }
}

/** @returns an access token with the new tenant active */
async function createTenant(request: GraphqlRequest): Promise<string> {
  const { createTenant } = await request<{ createTenant: { id: string } }>(
    'mutation ($input: CreateTenantInput!) { createTenant(input: $input) { id } }',
    { input: demoAccount.tenant },
  );
  const { switchTenant } = await request<{ switchTenant: { accessToken: string } }>(
    'mutation ($tenantId: ID!) { switchTenant(tenantId: $tenantId) { accessToken } }',
    { tenantId: createTenant.id },
  );
  return switchTenant.accessToken;
}
