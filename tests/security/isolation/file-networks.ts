import { describe, expect, test } from '@jest/globals';
import { createTenant, signUp } from '../../e2e/people.js';
import { upload } from '../../e2e/uploads.js';
import { eventually } from '../../support/eventually.js';
import { ask } from '../../support/graphql-client.js';
import type { Attacked } from './world.js';

const inside = '203.0.113.9';
const outside = '198.51.100.7';
const from = (address: string) => ({ 'x-forwarded-for': address });
const content = Buffer.from('of a walled tenant');

interface Answer {
  readonly data?: { readonly file: { readonly downloadUrl: string } | null } | null;
  readonly errors?: readonly { readonly extensions: { readonly details?: { readonly reason?: string } } }[];
}

/** A tenant that wants to be asked from one network, its gateway and its files behind a proxy that is trusted. */
export function defineFileNetworks({ origin }: Attacked): void {
  describe('who comes from outside of a tenant’s networks', () => {
    test('gets no URL of its files, and nothing by one that was given inside', async () => {
      const person = await signUp(origin(), 'Wally Walled');
      const { accessToken: token } = await createTenant(origin(), person, 'Walled Ltd');
      const { id } = await upload(origin(), token, 'walled.png', 'image/png', content);
      const urlFrom = async (address: string): Promise<Answer> => {
        const query = 'query ($id: ID!) { file(id: $id) { downloadUrl } }';
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...from(address) };
        const body = JSON.stringify({ query, variables: { id } });
        const response = await fetch(`${origin()}/graphql`, { method: 'POST', headers, body });
        return (await response.json()) as Answer;
      };
      const given = (await urlFrom(outside)).data?.file?.downloadUrl ?? '';
      const statusOf = async (url: string, address: string) => (await fetch(url, { headers: from(address) })).status;
      const before = await statusOf(given, outside);

      // Whoever sets it is not there: it has to be forced.
      await ask(origin(), {
        query: 'mutation ($input: UpdateSecurityPolicyInput!) { updateSecurityPolicy(input: $input) { version } }',
        variables: { input: { networks: ['203.0.113.0/24'], force: true } },
        token,
      });

      await eventually(async () => (await urlFrom(outside)).errors !== undefined);
      const refused = await urlFrom(outside);
      expect(refused.errors?.[0]?.extensions.details?.reason).toBe('ADDRESS_NOT_ALLOWED');
      expect(refused.data?.file ?? null).toBeNull();
      await eventually(async () => (await statusOf(given, outside)) === 403);
      const fromInside = (await urlFrom(inside)).data?.file?.downloadUrl ?? '';
      expect([before, await statusOf(fromInside, inside), await statusOf(fromInside, outside)]).toEqual([
        200, 200, 403,
      ]);
    });
  });
}
