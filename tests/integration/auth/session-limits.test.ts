import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  password,
  principalOf,
  startAuthHarness,
  type AuthHarness,
  type SignedUp,
} from '../../support/auth-harness.js';
import { anonymous } from '../../support/subgraph-harness.js';

let harness: AuthHarness;

beforeAll(async () => {
  harness = await startAuthHarness({ SESSION_IDLE_MINUTES: '60', SESSION_MAX_DAYS: '2' });
}, 60_000);

afterAll(() => harness.stop());

const revoke = (principal: SignedUp['principal'], id: string) =>
  harness.request(principal, 'mutation ($id: ID!) { revokeSession(id: $id) }', { id });

/** Minutes until a session ends. */
async function minutesLeft({ principal }: SignedUp): Promise<number> {
  const [row] = await harness.sql(
    `select round(extract(epoch from expires_at - now()) / 60)::int as minutes from session where id = '${principal.sessionId}'`,
  );
  return Number(row?.['minutes']);
}

async function signInAgain({ email }: SignedUp) {
  const query =
    'mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { tokens { accessToken refreshToken } } } }';
  const { data } = await harness.request(anonymous, query, { i: { email, password } });
  const { accessToken, refreshToken } = data.signIn.tokens;
  return { refreshToken, principal: principalOf(accessToken) };
}

describe('a session', () => {
  test('ends when it was not used for as long as is set, and use puts that off', async () => {
    const person = await harness.signUp('idle');
    expect(await minutesLeft(person)).toBe(60);
    await harness.sql(
      `update session set expires_at = now() + interval '5 minutes' where id = '${person.principal.sessionId}'`,
    );

    const next = await harness.refresh(person.tokens.refreshToken);
    expect(await minutesLeft(person)).toBe(60);

    await harness.sql(
      `update session set expires_at = now() - interval '1 second' where id = '${person.principal.sessionId}'`,
    );
    await expect(harness.refresh(next.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
  });

  test('ends after as long as is set, however much it is used', async () => {
    const person = await harness.signUp('absolute');
    await harness.sql(
      `update session set ends_at = now() + interval '20 minutes' where id = '${person.principal.sessionId}'`,
    );

    await harness.refresh(person.tokens.refreshToken);

    expect(await minutesLeft(person)).toBe(20);
  });
});

describe('revoking one session', () => {
  test('ends that one at once, and no other', async () => {
    const person = await harness.signUp('devices');
    const phone = await signInAgain(person);

    const { ended } = await harness.announcedDuring(async () => {
      expect((await revoke(person.principal, phone.principal.sessionId ?? '')).data).toEqual({ revokeSession: true });
    });

    expect(ended).toEqual([phone.principal.sessionId]);
    await expect(harness.refresh(phone.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    await expect(harness.refresh(person.tokens.refreshToken)).resolves.toBeDefined();
    const { data } = await harness.request(
      person.principal,
      '{ me { sessions { id isCurrent expiresAt isImpersonated } } }',
    );
    expect(data.me.sessions).toEqual([
      { id: person.principal.sessionId, isCurrent: true, expiresAt: expect.any(String), isImpersonated: false },
    ]);
  });

  test('of somebody else, of nobody, or by who impersonates the person is refused', async () => {
    const victim = await harness.signUp('owner');
    const { principal } = await harness.signUp('intruder');
    const codeOf = async (asking: ReturnType<typeof revoke>) => (await asking).errors?.[0]?.extensions.code;

    expect(await codeOf(revoke(principal, victim.principal.sessionId ?? ''))).toBe('NOT_FOUND');
    expect(await codeOf(revoke(principal, randomUUID()))).toBe('NOT_FOUND');
    expect(await codeOf(revoke(principal, 'x'))).toBe('NOT_FOUND');
    expect(await codeOf(revoke(anonymous, randomUUID()))).toBe('UNAUTHENTICATED');
    const impersonated = { ...victim.principal, impersonatorId: principal.userId ?? '' };
    expect(await codeOf(revoke(impersonated, victim.principal.sessionId ?? ''))).toBe('FORBIDDEN');
    await expect(harness.refresh(victim.tokens.refreshToken)).resolves.toBeDefined();
  });
});
