import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startAuthGateway, type AuthGateway } from '../../support/auth-gateway.js';
import { password, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { principalSecret as former, sendSigned, type GraphqlAnswer } from '../../support/subgraph-harness.js';

const next = 'the-secret-that-takes-the-place-of-the-former';

/** What an instance is set to at each step of a rotation. */
const steps = [former, `${former},${next}`, `${next},${former}`, next] as const;

let harness: AuthHarness;
/** One subgraph and one gateway of each step. */
let subgraphs: readonly { readonly url: string; stop(): Promise<void> }[];

beforeAll(async () => {
  harness = await startAuthHarness();
  await harness.signUp('rotated');
  subgraphs = await Promise.all(steps.map((PRINCIPAL_SECRET) => harness.startAnotherInstance({ PRINCIPAL_SECRET })));
}, 60_000);

afterAll(async () => {
  await Promise.all(subgraphs.map((subgraph) => subgraph.stop()));
  await harness.stop();
});

const query = 'mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { user { id } } } }';

async function signIn(gateway: AuthGateway): Promise<GraphqlAnswer<{ signIn: { user: { id: string } } }>> {
  const response = await fetch(`${gateway.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { i: { email: 'rotated@example.com', password } } }),
  });
  return (await response.json()) as GraphqlAnswer<{ signIn: { user: { id: string } } }>;
}

/** Whether a gateway of one step is served by a subgraph of another. */
async function isServed(signer: number, verifier: number): Promise<boolean> {
  const gateway = await startAuthGateway(harness, {
    PRINCIPAL_SECRET: steps[signer] ?? '',
    SUBGRAPH_URLS: `auth=${subgraphs[verifier]?.url}/graphql`,
  });
  try {
    const answer = await signIn(gateway);
    return answer.data?.signIn?.user.id !== undefined;
  } finally {
    await gateway.stop();
  }
}

describe('while the secret between gateways and subgraphs is replaced', () => {
  test.each([
    ['of which some accept the next one already', 0, 1],
    ['of which some sign with the next one already', 1, 2],
    ['of which some have dropped the former one already', 2, 3],
  ])('instances %s serve each other', async (_case, before, after) => {
    for (const signer of [before, after]) {
      for (const verifier of [before, after]) {
        expect([signer, verifier, await isServed(signer, verifier)]).toEqual([signer, verifier, true]);
      }
    }
  });

  test('a step that is left out is a refusal, not a way in', async () => {
    expect(await isServed(3, 0)).toBe(false);
    expect(await isServed(0, 3)).toBe(false);
    expect(await isServed(2, 0)).toBe(false);
  });

  test('an instance with the same secret twice, or a short one beside it, does not start and names the setting', async () => {
    const start = (PRINCIPAL_SECRET: string) => harness.startAnotherInstance({ PRINCIPAL_SECRET });

    await expect(start(`${former},${former}`)).rejects.toThrow('PRINCIPAL_SECRET: must not hold the same secret twice');
    await expect(start(`${next},short`)).rejects.toThrow('PRINCIPAL_SECRET: must have at least 32 characters');
  });
});

test('a subgraph that asks another one signs with the first as well', async () => {
  const { userId, principal } = await harness.signUp('switching');
  const tenantId = randomUUID();
  harness.tenants.setRole(tenantId, userId, 'USER');
  const ask = (step: number) =>
    sendSigned(
      { subgraph: 'auth', url: `${subgraphs[step]?.url}/graphql` },
      principal,
      'mutation ($id: ID!) { switchTenant(tenantId: $id) { accessToken } }',
      { id: tenantId },
    );

  // The tenant subgraph of this test knows the former secret alone.
  expect((await ask(1)).data).toEqual({ switchTenant: { accessToken: expect.any(String) } });
  expect((await ask(2)).errors).toHaveLength(1);
});
