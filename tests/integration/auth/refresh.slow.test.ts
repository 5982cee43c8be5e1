import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { password, principalOf, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { sendSigned, anonymous } from '../../support/subgraph-harness.js';

let harness: AuthHarness;

beforeAll(async () => {
  // Nobody is sent away for being one of a hundred, however busy the machine is.
  harness = await startAuthHarness({ MAX_QUEUE_MS: '60000' });
}, 60_000);

afterAll(() => harness.stop());

/** Lets time pass for the spent tokens of a session. */
const ageSpentTokens = (sessionId: string | undefined, seconds: number) =>
  harness.sql(
    `update refresh_token set spent_at = spent_at - interval '${seconds} seconds' where session_id = '${sessionId}'`,
  );

describe('refreshing', () => {
  test('continues the session with new tokens', async () => {
    const { tokens, principal } = await harness.signUp('continues');

    const next = await harness.refresh(tokens.refreshToken);

    expect(principalOf(next.accessToken)).toEqual(principal);
    expect(next.refreshToken).not.toBe(tokens.refreshToken);
    expect(await harness.refresh(next.refreshToken)).toMatchObject({ expiresIn: 1_800 });
  });

  test('100 requests with one token over two instances continue one family and log nobody out', async () => {
    const { tokens, principal, userId } = await harness.signUp('parallel');
    const other = await harness.startAnotherInstance();
    const urls = [`${harness.url}/graphql`, `${other.url}/graphql`];
    const mutation = `mutation { refreshTokens(refreshToken: "${tokens.refreshToken}") { accessToken refreshToken } }`;

    // On a starved machine all of this may outlast the grace, which is not what is asked here.
    const graceKeptOpen = setInterval(() => void ageSpentTokens(principal.sessionId, -2), 2_000);
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        sendSigned<{ refreshTokens: { accessToken: string; refreshToken: string } }>(
          { subgraph: 'auth', url: urls[index % 2] ?? '' },
          anonymous,
          mutation,
        ),
      ),
    );

    clearInterval(graceKeptOpen);
    await other.stop();
    expect(answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions.code) ?? [])).toEqual([]);
    const issued = answers.flatMap(({ data }) => (data === null || data === undefined ? [] : [data.refreshTokens]));
    expect(issued).toHaveLength(100);
    expect(new Set(issued.map(({ refreshToken }) => refreshToken)).size).toBe(100);
    expect(new Set(issued.map(({ accessToken }) => principalOf(accessToken).sessionId))).toEqual(
      new Set([principal.sessionId]),
    );
    const sessions = await harness.sql(`select id, revoked_at from session where user_id = '${userId}'`);
    expect(sessions).toEqual([{ id: principal.sessionId, revoked_at: null }]);

    // Whichever answer the client kept, it goes on; and the spent token, replayed later, ends all of it.
    const kept = await harness.refresh(issued[57]?.refreshToken ?? '');
    await ageSpentTokens(principal.sessionId, 11);
    const { ended } = await harness.announcedDuring(() =>
      expect(harness.refresh(tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED'),
    );
    expect(ended).toEqual([principal.sessionId]);
    await expect(harness.refresh(kept.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    await expect(harness.refresh(issued[3]?.refreshToken ?? '')).rejects.toThrow('UNAUTHENTICATED');
  }, 60_000);

  test('a spent token that comes again within the grace continues the family', async () => {
    const { tokens, principal } = await harness.signUp('grace');
    const first = await harness.refresh(tokens.refreshToken);
    await ageSpentTokens(principal.sessionId, 8);

    const second = await harness.refresh(tokens.refreshToken);

    expect(principalOf(second.accessToken)).toEqual(principal);
    await expect(harness.refresh(first.refreshToken)).resolves.toBeDefined();
    await expect(harness.refresh(second.refreshToken)).resolves.toBeDefined();
  });

  test('a replay ends its own family and no other', async () => {
    const person = await harness.signUp('families');
    const signedIn = await harness.request(
      anonymous,
      'mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { tokens { refreshToken } } } }',
      { i: { email: person.email, password } },
    );
    await harness.refresh(person.tokens.refreshToken);
    await ageSpentTokens(person.principal.sessionId, 11);

    await expect(harness.refresh(person.tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');

    await expect(harness.refresh(signedIn.data.signIn.tokens.refreshToken)).resolves.toBeDefined();
  });

  test('an expired token is refused, spent or not', async () => {
    const { tokens, principal } = await harness.signUp('expired');
    const next = await harness.refresh(tokens.refreshToken);
    await harness.sql(
      `update refresh_token set expires_at = now() - interval '1 second' where session_id = '${principal.sessionId}'`,
    );

    await expect(harness.refresh(tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    await expect(harness.refresh(next.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
  });

  test.each([
    ['empty', ''],
    ['made up', `tsr_${'A'.repeat(43)}`],
    ['huge', 'x'.repeat(1_000_000)],
    ['SQL', "' or 1=1 --"],
  ])('a token that is %s is refused', async (_what, token) => {
    await expect(harness.refresh(token)).rejects.toThrow('UNAUTHENTICATED');
  });

  test('tokens are stored only as hashes', async () => {
    const { tokens, principal } = await harness.signUp('hashed');

    const rows = await harness.sql(
      `select token_hash = sha256('${tokens.refreshToken}'::bytea) as is_hash, length(token_hash) as bytes
       from refresh_token where session_id = '${principal.sessionId}'`,
    );

    expect(rows).toEqual([{ is_hash: true, bytes: 32 }]);
  });
});

describe('signing in', () => {
  test('opens a session of its own, whatever token the client came with', async () => {
    const victim = await harness.signUp('fixed-victim');
    const attacker = await harness.signUp('fixed-attacker');
    const query = 'mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { tokens { accessToken } } } }';

    const answer = await harness.request(attacker.principal, query, { i: { email: victim.email, password } });

    const opened = principalOf(answer.data.signIn.tokens.accessToken);
    expect(opened.userId).toBe(victim.userId);
    expect([attacker.principal.sessionId, victim.principal.sessionId]).not.toContain(opened.sessionId);
    const refreshed = await harness.refresh(attacker.tokens.refreshToken);
    expect(principalOf(refreshed.accessToken).userId).toBe(attacker.userId);
  });
});

describe('signing out', () => {
  const signOutBy = (token: string) =>
    harness.request(anonymous, 'mutation ($token: String) { signOut(refreshToken: $token) }', { token });

  test('ends this session and announces it', async () => {
    const { tokens, principal } = await harness.signUp('leaves');

    const { ended } = await harness.announcedDuring(async () => {
      expect(await harness.request(principal, 'mutation { signOut }')).toEqual({ data: { signOut: true } });
    });

    expect(ended).toEqual([principal.sessionId]);
    await expect(harness.refresh(tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
  });

  test('everywhere ends all sessions of the person and of nobody else', async () => {
    const person = await harness.signUp('leaves-all');
    const bystander = await harness.signUp('stays');
    const signedIn = await harness.request(
      anonymous,
      'mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { tokens { accessToken refreshToken } } } }',
      { i: { email: person.email, password } },
    );
    const second = signedIn.data.signIn.tokens;

    const { ended } = await harness.announcedDuring(() =>
      harness.request(person.principal, 'mutation { signOut(everywhere: true) }'),
    );

    expect(new Set(ended)).toEqual(new Set([person.principal.sessionId, principalOf(second.accessToken).sessionId]));
    await expect(harness.refresh(second.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    await expect(harness.refresh(bystander.tokens.refreshToken)).resolves.toBeDefined();
  });

  test('a repeated sign-out repeats the announcement, for the first may have failed', async () => {
    const { principal } = await harness.signUp('repeats');
    await harness.request(principal, 'mutation { signOut }');

    const { ended } = await harness.announcedDuring(() => harness.request(principal, 'mutation { signOut }'));

    expect(ended).toEqual([principal.sessionId]);
  });

  test('a session of somebody else cannot be ended', async () => {
    const victim = await harness.signUp('victim');
    const { principal } = await harness.signUp('attacker');

    const { ended } = await harness.announcedDuring(() =>
      harness.request({ ...principal, sessionId: victim.principal.sessionId ?? '' }, 'mutation { signOut }'),
    );

    expect(ended).toEqual([]);
    await expect(harness.refresh(victim.tokens.refreshToken)).resolves.toBeDefined();
  });

  test('by a refresh token ends its session, whoever asks, and announces it', async () => {
    const { tokens, principal } = await harness.signUp('leaves-by-token');

    const { ended } = await harness.announcedDuring(async () => {
      expect(await signOutBy(tokens.refreshToken)).toEqual({ data: { signOut: true } });
    });

    expect(ended).toEqual([principal.sessionId]);
    await expect(harness.refresh(tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    const noted = await harness.sql(
      `select actor_kind, target_id from audit_entry where action = 'session.ended' and subject_id = '${principal.userId}'`,
    );
    expect(noted).toEqual([{ actor_kind: 'anonymous', target_id: principal.sessionId }]);
  });

  test('by a refresh token that was spent ends what it was exchanged for', async () => {
    const { tokens } = await harness.signUp('leaves-by-spent');
    const next = await harness.refresh(tokens.refreshToken);

    expect(await signOutBy(tokens.refreshToken)).toEqual({ data: { signOut: true } });

    await expect(harness.refresh(next.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
  });

  test('by a refresh token leaves the other sessions of its person alone', async () => {
    const { email, tokens } = await harness.signUp('leaves-one');
    const signedIn = await harness.request(
      anonymous,
      'mutation ($i: SignInInput!) { signIn(input: $i) { ... on SignedIn { tokens { refreshToken } } } }',
      { i: { email, password } },
    );

    await signOutBy(tokens.refreshToken);

    await expect(harness.refresh(signedIn.data.signIn.tokens.refreshToken)).resolves.toBeDefined();
  });

  test.each([
    ['unknown', `tsr_${'A'.repeat(43)}`],
    ['empty', ''],
    ['no token at all', "' or 1=1 --"],
  ])('by a refresh token that is %s is no error, and ends nothing', async (_what, token) => {
    const { ended } = await harness.announcedDuring(async () => {
      expect(await signOutBy(token)).toEqual({ data: { signOut: true } });
    });

    expect(ended).toEqual([]);
  });

  test('by a refresh token is of its session alone, and never of all', async () => {
    const { tokens } = await harness.signUp('leaves-where');

    const answer = await harness.request(
      anonymous,
      'mutation ($token: String) { signOut(everywhere: true, refreshToken: $token) }',
      { token: tokens.refreshToken },
    );

    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    await expect(harness.refresh(tokens.refreshToken)).resolves.toBeDefined();
  });

  test('needs someone who is signed in', async () => {
    const answer = await harness.request(anonymous, 'mutation { signOut }');

    expect(answer.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  });
});
