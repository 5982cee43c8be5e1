import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withDatabase } from '@tessera/service/database';
import { signUp } from '../e2e/people.js';
import { aProvenPerson } from '../e2e/ways-in.js';
import { linkToken, linkTokenIn } from '../support/account-mails.js';
import type { Cluster } from '../support/cluster.js';
import { ask, send } from '../support/graphql-client.js';
import { oidcRedirectUri, type OidcProviderProcess } from '../support/oidc-provider.js';
import { startPasskeyBrowser, type PasskeyBrowser } from '../support/passkey-browser.js';
import { runSql } from '../support/postgres-server.js';
import { inTurns, unanswered } from './dying-auth.js';

/** Where instances of auth think that the front end is, unless they are told: its page need not exist. */
const appOrigin = 'http://localhost:4000';

const requestCode = 'mutation ($input: RequestSignInCodeInput!) { requestSignInCode(input: $input) { challengeId } }';
const openLink = `mutation ($input: SignInWithLinkInput!) {
  signInWithLink(input: $input) { ... on SignedIn { user { id } } }
}`;
const startOidc = 'mutation ($input: StartOidcInput!) { startOidcSignIn(input: $input) { flowId authorizationUrl } }';
const completeOidc = `mutation ($input: CompleteOidcInput!) {
  completeOidcSignIn(input: $input) { ... on SignedIn { user { email } } }
}`;
const startAdding = 'mutation { startPasskeyRegistration { ceremonyId options } }';
const add =
  'mutation ($input: CompletePasskeyRegistrationInput!) { completePasskeyRegistration(input: $input) { name } }';
const startPasskey = 'mutation { startPasskeySignIn(input: {}) { ceremonyId options } }';
const completePasskey = `mutation ($input: CompletePasskeySignInInput!) {
  completePasskeySignIn(input: $input) { ... on SignedIn { user { id } } }
}`;
const verify = 'mutation ($token: String!) { verifyEmail(token: $token) }';

/** Ways in of two steps, each taken where the step before was not: the other instance is dead. */
export function defineAuthWaysIn(startedCluster: () => { cluster: Cluster; provider: OidcProviderProcess }): void {
  let cluster: Cluster;
  let provider: OidcProviderProcess;
  let origin: string;
  let browser: PasskeyBrowser;
  beforeAll(async () => {
    ({ cluster, provider } = startedCluster());
    origin = cluster.origins[0] ?? '';
    browser = await startPasskeyBrowser(appOrigin);
  }, 60_000);
  afterAll(() => browser?.close());

  const begin = (query: string, input?: object, token?: string) =>
    ask(origin, { query, token, ...(input !== undefined && { variables: { input } }) });
  const sql = (statement: string) => runSql(withDatabase(cluster.postgres.adminUrl, 'tessera_auth'), statement);

  test('a mailed link, an identity provider, a passkey and the proof of a new address are each finished elsewhere, once', async () => {
    const { smtp } = cluster;
    const surroundings = { origin, smtp };
    const linked = await aProvenPerson(surroundings, 'Lia Link');
    const keyed = await aProvenPerson(surroundings, 'Kay Key');
    const email = `ida.${randomUUID()}@idp.example`;
    const token = keyed.accessToken;
    const finishing: (readonly [query: string, variables: object, token?: string])[] = [];
    let newcomer = '';
    const finish = async () =>
      Promise.all(finishing.map(([query, variables, bearer]) => send(origin, { query, variables, token: bearer })));
    const answers: Awaited<ReturnType<typeof finish>>[] = [];
    const takeAgain = async () => void answers.push(await finish());

    await inTurns(cluster, [
      async () => {
        await begin(requestCode, { email: linked.email });
        const flow = (await begin(startOidc, { providerId: 'acme', redirectUri: oidcRedirectUri })).startOidcSignIn;
        const adding = (await begin(startAdding, undefined, token)).startPasskeyRegistration;
        const person = await signUp(origin, 'Noa New');
        newcomer = person.id;
        await begin('mutation { requestEmailVerification }', undefined, person.accessToken);
        const callbackUrl = await provider.logIn(flow.authorizationUrl, email);
        const response = await browser.create(adding.options);
        finishing.push([completeOidc, { input: { flowId: flow.flowId, callbackUrl } }]);
        finishing.push([add, { input: { ceremonyId: adding.ceremonyId, name: 'Laptop', response } }, token]);
        finishing.push([verify, { token: await linkToken(smtp, person.email, /Confirm/) }]);
        finishing.push([openLink, { input: { token: await linkToken(smtp, linked.email, /code/) } }]);
      },
      takeAgain,
      takeAgain,
      async () => {
        const { ceremonyId, options } = (await begin(startPasskey)).startPasskeySignIn;
        finishing.splice(0, 4, [completePasskey, { input: { ceremonyId, response: await browser.get(options) } }]);
      },
      takeAgain,
      takeAgain,
    ]);

    const [finished = [], again = [], entered = [], replayed = []] = answers;
    expect(finished.map(({ data }) => data)).toEqual([
      { completeOidcSignIn: { user: { email } } },
      { completePasskeyRegistration: { name: 'Laptop' } },
      { verifyEmail: true },
      { signInWithLink: { user: { id: linked.id } } },
    ]);
    expect(again.map(({ code }) => code)).toEqual(['UNAUTHENTICATED', 'BAD_USER_INPUT', undefined, 'UNAUTHENTICATED']);
    expect(entered).toMatchObject([{ data: { completePasskeySignIn: { user: { id: keyed.id } } } }]);
    expect(replayed).toMatchObject([{ code: 'UNAUTHENTICATED' }]);
    // Beside the session that each of them had: who came by the provider had none.
    const sessions = `select account.email, count(*)::int as count from session join account on account.id = session.user_id
       where account.email in ('${email}', '${linked.email}', '${keyed.email}') group by 1`;
    expect(Object.fromEntries((await sql(sessions)).map((row) => [row['email'], row['count']]))).toEqual({
      [email]: 1,
      [linked.email]: 2,
      [keyed.email]: 2,
    });
    const proven = `select email_verified_at is not null as yes from account where id = '${newcomer}'`;
    expect(await sql(proven)).toEqual([{ yes: true }]);
  }, 180_000);

  test('links that are opened at that moment let in once each at most, and who was not answered asks for another', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => signUp(origin, 'Mo Moment')));
    const tokenOf = async ({ email }: { readonly email: string }): Promise<string> => {
      await begin(requestCode, { email });
      return linkToken(cluster.smtp, email, /code/);
    };
    const tokens = await Promise.all(people.map(tokenOf));
    /** As a browser does that got no answer: the same once more. */
    const open = async (token: string): Promise<string> => {
      for (;;) {
        const { code } = await send(origin, { query: openLink, variables: { input: { token } } });
        if (!unanswered.has(code)) return code ?? 'ok';
      }
    };

    const opening = tokens.map(open);
    await cluster.kill9('auth-1');
    const codes = await Promise.all(opening);
    await cluster.start('auth-1');

    for (const [index, { id }] of people.entries()) {
      const opened = `select count(*)::int as count from session where user_id = '${id}' and sign_in_way = 'email'`;
      // A link that was used, but whose answer was lost, has opened a session that nobody has.
      expect(await sql(opened)).toEqual([{ count: 1 }]);
      expect(['ok', 'UNAUTHENTICATED']).toContain(codes[index]);
    }
    const [{ email } = { email: '' }] = people;
    const seen = new Set(cluster.smtp.mails);
    await begin(requestCode, { email });
    const mail = await cluster.smtp.nextMail((caught) => caught.recipients.includes(email) && !seen.has(caught));
    expect(await open(linkTokenIn(mail))).toBe('ok');
  }, 120_000);
}
