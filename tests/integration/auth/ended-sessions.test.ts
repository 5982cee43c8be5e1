import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  encodePrincipal,
  endedSessionsPath,
  servicePrincipal,
  signPrincipal,
  type Principal,
} from '@tessera/service/identity';
import { principalSecret } from '../../support/subgraph-harness.js';
import { startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';

let harness: AuthHarness;
beforeAll(async () => {
  harness = await startAuthHarness();
}, 60_000);
afterAll(() => harness.stop());

const listAs = async (principal: Principal, secret = principalSecret) => {
  const signed = { audience: 'auth', method: 'GET', path: endedSessionsPath, body: '' };
  const headers = { ...signPrincipal(secret, signed, { principal: encodePrincipal(principal) }, Date.now()) };
  const response = await fetch(`${harness.url}${endedSessionsPath}`, { headers });
  return { status: response.status, body: (await response.json()) as { sessionIds?: readonly string[] } };
};

test('a gateway is told the sessions that ended within the life of an access token, and no others', async () => {
  const [ended, alive, longGone] = [
    await harness.signUp('ended'),
    await harness.signUp('alive'),
    await harness.signUp('gone'),
  ];
  for (const { principal } of [ended, longGone]) await harness.request(principal, 'mutation { signOut }');
  await harness.sql(
    `update session set revoked_at = now() - interval '31 minutes' where id = '${longGone.principal.sessionId}'`,
  );

  const { status, body } = await listAs(servicePrincipal());

  expect(status).toBe(200);
  expect(body.sessionIds).toEqual([ended.principal.sessionId]);
  expect(body.sessionIds).not.toContain(alive.principal.sessionId);
});

test('nobody else is told', async () => {
  const someone = await harness.signUp('someone');

  expect((await listAs(someone.principal)).status).toBe(403);
  expect((await listAs(servicePrincipal(), 'another secret of thirty-two bytes')).status).toBe(401);
  expect((await fetch(`${harness.url}${endedSessionsPath}`)).status).toBe(401);
});
