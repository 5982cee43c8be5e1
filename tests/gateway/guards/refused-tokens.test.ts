import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLeftovers } from '../../support/leftovers.js';
import type { TokenIssuer } from '../../support/token-issuer.js';
import { startForKnownCallers } from '../support/known-callers.js';
import type { RunningGateway } from '../support/running-gateway.js';

const leftovers = createLeftovers();
let issuer: TokenIssuer;
let running: RunningGateway;

beforeAll(async () => {
  ({ issuer, running } = await startForKnownCallers(leftovers, {
    environment: { STRANGERS_FIELDS: 'header,__typename' },
  }));
}, 30_000);
afterAll(() => leftovers.close());

const tokens: [what: string, authorization: () => Promise<string>][] = [
  ['has expired', async () => `Bearer ${await issuer.issue({}, { lifetimeSeconds: -60 })}`],
  ['is none', () => Promise.resolve('Bearer null')],
  ['is of another scheme', () => Promise.resolve('Basic dTpw')],
];

describe.each(tokens)('a token that %s', (_what, authorization) => {
  test('does not keep anybody from what needs nobody signed in, and they count as nobody', async () => {
    const { status, code, body } = await running.post(
      { query: '{ __typename header(name: "x-tessera-principal") }' },
      { authorization: await authorization() },
    );

    expect({ status, code }).toEqual({ status: 200, code: undefined });
    // Of nobody subgraphs are told nothing.
    expect(body.data).toEqual({ __typename: 'Query', header: null });
  });

  test.each([
    '{ whoAmI }',
    '{ header(name: "x") whoAmI }',
    'mutation { rename(id: "1", name: "x") { id } }',
    '{ __typename }',
  ])('is told to whoever asks for more: %s', async (query) => {
    const before = running.subgraphs.people.requests.length;

    const { status, code } = await running.post({ query }, { authorization: await authorization() });

    expect({ status, code }).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    expect(running.subgraphs.people.requests).toHaveLength(before);
  });
});
