import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DomainEvent } from '@tessera/service/events';
import { password, principalOf, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { anonymous } from '../../support/subgraph-harness.js';

let harness: AuthHarness;

beforeAll(async () => {
  harness = await startAuthHarness({
    SUPER_ADMIN_EMAILS: 'Root@example.com, other@example.com',
    EMAIL_VERIFICATION: 'off',
    // Each of many wrong passwords is looked at.
    SIGN_IN_FREE_FAILURES: '1000',
  });
}, 60_000);

afterAll(() => harness.stop());

const signUpMutation = `mutation ($input: SignUpInput!) {
  signUp(input: $input) { user { id email displayName sessions { isCurrent } } tokens { accessToken expiresIn } }
}`;

const signInMutation = `mutation ($input: SignInInput!) {
  signIn(input: $input) {
    __typename ... on SignedIn { user { id email sessions { id isCurrent } } tokens { accessToken } }
  }
}`;

const signUp = (input: object) => harness.request(anonymous, signUpMutation, { input });
const signIn = (input: object) => harness.request(anonymous, signInMutation, { input });

describe('signing up', () => {
  test('answers the person with their name and tokens, before any other subgraph knows of them', async () => {
    const answer = await signUp({ email: '  New.Person@Example.com ', password, displayName: ' New Person ' });

    expect(answer.data.signUp).toEqual({
      user: {
        id: expect.any(String),
        email: 'new.person@example.com',
        displayName: 'New Person',
        sessions: [{ isCurrent: true }],
      },
      tokens: { accessToken: expect.any(String), expiresIn: 1_800 },
    });
  });

  test('announces the person', async () => {
    const announced = Promise.withResolvers<DomainEvent>();
    const consumer = harness.eventBus.subscribe({
      consumer: 'user',
      types: ['user.signedUp'],
      handle: async (event) => {
        if (event.payload['email'] === 'announced@example.com') announced.resolve(event);
      },
    });

    const { userId } = await harness.signUp('announced');

    const { payload } = await announced.promise;
    await consumer.close();
    expect(payload).toEqual({ userId, email: 'announced@example.com', displayName: 'announced' });
  });

  test('an address has one account, however it is written', async () => {
    await harness.signUp('twice');
    await harness.signUp('kelvin');

    // The last one has a Kelvin sign for its k, which is one in small letters.
    for (const email of ['TWICE@example.com', ' twice@Example.Com\t', '\u212Aelvin@example.com']) {
      const answer = await signUp({ email, password, displayName: 'Second' });

      expect(answer.errors?.[0]?.extensions.code).toBe('CONFLICT');
    }
  });

  test('of many people who take one address at once, one gets it', async () => {
    const input = { email: 'race@example.com', password, displayName: 'Racer' };

    const answers = await Promise.all(Array.from({ length: 8 }, () => signUp(input)));

    const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code ?? 'ok').sort();
    expect(codes).toEqual([...Array.from({ length: 7 }, () => 'CONFLICT'), 'ok']);
  });

  test.each([
    ['an address that is none', { email: 'nobody' }, 'email'],
    ['an address with a NUL', { email: 'a\u0000b@example.com' }, 'email'],
    ['a short password', { password: '1234567' }, 'password'],
    ['a password of a megabyte', { password: 'x'.repeat(1_000_000) }, 'password'],
    ['an empty name', { displayName: '  ' }, 'displayName'],
    ['a name with a NUL', { displayName: 'a\u0000b' }, 'displayName'],
    ['a name that begins another header', { displayName: 'Ada\r\nBcc: eve@example.com' }, 'displayName'],
    ['a name that speaks to terminals', { displayName: '\u001b[2J' }, 'displayName'],
    ['a name that turns the text around it', { displayName: '\u202egnp.exe' }, 'displayName'],
    ['half a character for a name', { displayName: '\ud83d' }, 'displayName'],
    ['an address that looks like another’s', { email: 'аda@example.com' }, 'email'],
    ['an address with an invisible letter', { email: 'ada\u200b@example.com' }, 'email'],
    ['an address in another’s header', { email: 'ada@example.com\r\nBcc: eve@example.com' }, 'email'],
    ['two addresses', { email: 'ada@example.com,eve@example.com' }, 'email'],
  ])('%s is refused by the name of its field', async (_what, fault, field) => {
    const answer = await signUp({ email: 'faulty@example.com', password, displayName: 'Faulty', ...fault });

    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { fields: [{ field, reason: expect.any(String) }] },
    });
  });
});

describe('signing in', () => {
  test('opens a session of its own', async () => {
    const person = await harness.signUp('returning');

    const answer = await signIn({ email: 'Returning@example.com', password });

    const { __typename, user, tokens } = answer.data.signIn;
    const { userId, sessionId } = principalOf(tokens.accessToken);
    expect({ __typename, userId, email: user.email }).toEqual({
      __typename: 'SignedIn',
      userId: person.userId,
      email: 'returning@example.com',
    });
    expect(user.sessions).toEqual([
      { id: sessionId, isCurrent: true },
      { id: person.principal.sessionId, isCurrent: false },
    ]);
  });

  test('an unknown address and a wrong password are refused in the same words', async () => {
    await harness.signUp('known');

    const wrongPassword = await signIn({ email: 'known@example.com', password: 'something else' });
    const unknownAddress = await signIn({ email: 'unknown@example.com', password: 'something else' });

    expect(wrongPassword.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(unknownAddress.errors).toEqual(wrongPassword.errors);
  });

  test('an unknown address takes as much work as a wrong password', async () => {
    await harness.signUp('timed');
    /** Processor time, which does not depend on what else the machine does. */
    const workOf = async (email: string): Promise<number> => {
      const before = process.cpuUsage();
      await signIn({ email, password: 'something else' });
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0;
    const ofWrongPassword: number[] = [];
    const ofUnknownAddress: number[] = [];

    // Taken in turns, so that what this process does besides burdens both alike.
    for (let round = 0; round < 15; round += 1) {
      ofWrongPassword.push(await workOf('timed@example.com'));
      ofUnknownAddress.push(await workOf('nobody-at-all@example.com'));
    }

    const ratio = median(ofUnknownAddress) / median(ofWrongPassword);
    // Without the hash of the decoy, an unknown address would take a small fraction of it.
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  test('takes two statements, each a transaction that connections keep parsed, whether it succeeds or not', async () => {
    await harness.signUp('counted-statements');
    const statementsOf = async (email: string, secret: string): Promise<readonly string[]> => {
      harness.forgetQueries();
      await harness.request(anonymous, 'mutation ($i: SignInInput!) { signIn(input: $i) { __typename } }', {
        i: { email, password: secret },
      });
      return harness.queries.filter((sql) => /^begin|\b(account|session|sign_in_failure|audit_entry)\b/i.test(sql));
    };

    const taken = [
      await statementsOf('counted-statements@example.com', password),
      await statementsOf('counted-statements@example.com', 'something else'),
      await statementsOf('nobody-to-count@example.com', 'something else'),
    ];

    expect(taken.map(({ length }) => length)).toEqual([2, 2, 2]);
    expect(taken[2]).toEqual(taken[1]);
    // Longer texts are not kept.
    expect(Math.max(...taken.flat().map(({ length }) => length))).toBeLessThan(4_000);
  });

  test('a password too long to be hashed is refused unhashed', async () => {
    const answer = await signIn({ email: 'known@example.com', password: 'x'.repeat(1_025) });

    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  test('a password typed in other code points of the same letters is the same password', async () => {
    await signUp({ email: 'accent@example.com', password: 'caf\u00e9 au lait', displayName: 'Accent' });

    const answer = await signIn({ email: 'accent@example.com', password: 'cafe\u0301 au lait' });

    expect(answer.data.signIn.__typename).toBe('SignedIn');
  });
});

describe('who the caller is', () => {
  test('an anonymous caller is nobody', async () => {
    expect(await harness.request(anonymous, '{ me { id } }')).toEqual({ data: { me: null } });
  });

  test('a person sees their address and sessions', async () => {
    const { principal, userId, email } = await harness.signUp('self');

    const answer = await harness.request(principal, '{ me { id email sessions { id isCurrent tenantId } } }');

    const sessions = [{ id: principal.sessionId, isCurrent: true, tenantId: null }];
    expect(answer).toEqual({ data: { me: { id: userId, email, sessions } } });
  });

  test('an address of the list of platform administrators gives the role', async () => {
    const root = await harness.signUp('root');
    const ordinary = await harness.signUp('ordinary');

    expect(root.principal.roles).toEqual(['SUPER_ADMIN']);
    expect(root.principal.scopes).toContain('tenant:manage');
    expect(ordinary.principal).toMatchObject({ roles: [], scopes: [] });
  });
});

test('sign-ins are counted, for the person and nobody else', async () => {
  const { userId, email, principal } = await harness.signUp('counted');
  const stranger = await harness.signUp('curious');
  const query = `query ($id: ID!) { _entities(representations: [{ __typename: "User", id: $id }]) {
    ... on User { signInCount lastSignedInAt }
  } }`;
  const ask = async (caller: typeof principal) =>
    (await harness.request(caller, query, { id: userId })).data._entities[0];
  const before = await ask(principal);

  await signIn({ email, password: 'wrong' });
  await signIn({ email, password });

  const after = await ask(principal);
  expect([before.signInCount, after.signInCount]).toEqual([1, 2]);
  expect(Date.parse(after.lastSignedInAt)).toBeGreaterThan(Date.parse(before.lastSignedInAt));
  expect(await ask(stranger.principal)).toEqual({ signInCount: null, lastSignedInAt: null });
});
