import { expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { linkToken } from '../support/account-mails.js';
import { ask, send } from '../support/graphql-client.js';
import type { OidcProviderProcess } from '../support/oidc-provider.js';
import { oidcRedirectUri } from '../support/oidc-provider.js';
import type { CatchingSmtpServer } from '../support/smtp-server.js';
import { signUp, type Person } from './people.js';

/** A platform, and what stands around it in the world. */
export interface Surroundings {
  readonly origin: string;
  readonly smtp: CatchingSmtpServer;
  readonly provider: OidcProviderProcess;
}

const password = 'correct horse battery staple';

/** Signs up somebody, and proves the address by the link of a mail. */
export async function aProvenPerson(
  { origin, smtp }: Pick<Surroundings, 'origin' | 'smtp'>,
  name: string,
): Promise<Person> {
  const person = await signUp(origin, name);
  await ask(origin, { query: 'mutation { requestEmailVerification }', token: person.accessToken });
  const token = await linkToken(smtp, person.email, /Confirm/);
  const query = 'mutation ($token: String!) { verifyEmail(token: $token) }';
  await ask(origin, { query, variables: { token } });
  return person;
}

/** Each way in through the gateway: the rest of the operation already runs as who has come in. */
export function defineWaysIn(surroundings: () => Surroundings): void {
  test('a password and an authenticator app', async () => {
    const { origin } = surroundings();
    const { email, id, accessToken: token } = await aProvenPerson(surroundings(), 'Ava App');
    const { enrollTotp } = await ask(origin, { query: 'mutation { enrollTotp { secret } }', token });
    const totp = new TOTP({ secret: Secret.fromBase32(enrollTotp.secret) });
    const confirm = 'mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { codes } }';
    const confirmed = await ask(origin, { query: confirm, variables: { input: { code: totp.generate() } }, token });
    const signIn = `mutation ($input: SignInInput!) {
      signIn(input: $input) { __typename ... on MfaRequired { challengeId } }
    }`;
    const asked = await ask(origin, { query: signIn, variables: { input: { email, password } } });
    const verify = `mutation ($input: VerifyMfaInput!) {
      verifyMfa(input: $input) { user { id displayName email } tokens { accessToken } }
    }`;
    const code = confirmed.confirmTotp.codes[0];
    const input = { challengeId: asked.signIn.challengeId, code };

    const { verifyMfa } = await ask(origin, { query: verify, variables: { input } });

    expect(asked.signIn.__typename).toBe('MfaRequired');
    expect(verifyMfa.user).toEqual({ id, displayName: 'Ava App', email });
    const { me } = await ask(origin, { query: '{ me { id } }', token: verifyMfa.tokens.accessToken });
    expect(me).toEqual({ id });
    expect((await send(origin, { query: verify, variables: { input } })).code).toBe('UNAUTHENTICATED');
  });

  test('a mailed code, and a mailed link', async () => {
    const { origin, smtp } = surroundings();
    const { email, id } = await aProvenPerson(surroundings(), 'Mia Mail');
    const request = 'mutation ($input: RequestSignInCodeInput!) { requestSignInCode(input: $input) { challengeId } }';
    const { challengeId } = (await ask(origin, { query: request, variables: { input: { email } } })).requestSignInCode;
    const mail = await smtp.nextMail(({ recipients, subject }) => recipients.includes(email) && /code/.test(subject));
    const code = /Code: (\d{6})/.exec(mail.text)?.[1];
    const withCode = `mutation ($input: SignInWithCodeInput!) {
      signInWithCode(input: $input) { ... on SignedIn { user { id displayName } } }
    }`;
    const withLink = `mutation ($input: SignInWithLinkInput!) { signInWithLink(input: $input) { __typename } }`;
    const variables = { input: { challengeId, code } };

    const entered = await ask(origin, { query: withCode, variables });

    expect(entered.signInWithCode.user).toEqual({ id, displayName: 'Mia Mail' });
    const token = await linkToken(smtp, email, /code/);
    expect((await send(origin, { query: withLink, variables: { input: { token } } })).code).toBe('UNAUTHENTICATED');
  });

  test('a mailed link, once', async () => {
    const { origin, smtp } = surroundings();
    const { email, id } = await aProvenPerson(surroundings(), 'Lin Link');
    const request = 'mutation ($input: RequestSignInCodeInput!) { requestSignInCode(input: $input) { challengeId } }';
    await ask(origin, { query: request, variables: { input: { email } } });
    const token = await linkToken(smtp, email, /code/);
    const query = `mutation ($input: SignInWithLinkInput!) {
      signInWithLink(input: $input) { ... on SignedIn { user { id } tokens { accessToken } } }
    }`;
    const variables = { input: { token } };

    const { signInWithLink } = await ask(origin, { query, variables });

    expect(signInWithLink.user).toEqual({ id });
    expect((await send(origin, { query, variables })).code).toBe('UNAUTHENTICATED');
  });

  test('a new password, by the link of a mail, and the one from before no more', async () => {
    const { origin, smtp } = surroundings();
    const { email, id, accessToken } = await aProvenPerson(surroundings(), 'Rita Reset');
    const request = 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) }';
    await ask(origin, { query: request, variables: { input: { email } } });
    const token = await linkToken(smtp, email, /new password/);
    const reset = 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }';
    const newPassword = 'another correct horse battery';
    await ask(origin, { query: reset, variables: { input: { token, newPassword } } });
    const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { user { id } } } }';

    const { signIn } = await ask(origin, { query, variables: { input: { email, password: newPassword } } });

    expect(signIn.user).toEqual({ id });
    expect((await send(origin, { query, variables: { input: { email, password } } })).code).toBe('UNAUTHENTICATED');
    expect((await send(origin, { query: '{ me { id } }', token: accessToken })).code).toBe('UNAUTHENTICATED');
  });

  test('an identity that was linked to an account with a password', async () => {
    const { origin, provider } = surroundings();
    const { id, accessToken: token } = await aProvenPerson(surroundings(), 'Ivy Identity');
    const logIn = (url: string) => provider.logIn(url, 'ivy@idp.example');
    const input = { providerId: 'acme', redirectUri: oidcRedirectUri };
    const startLink =
      'mutation ($input: StartOidcInput!) { flow: startOidcLink(input: $input) { flowId authorizationUrl } }';
    const link = (await ask(origin, { query: startLink, variables: { input }, token })).flow;
    const linked = { flowId: link.flowId, callbackUrl: await logIn(link.authorizationUrl) };
    const completeLink = 'mutation ($input: CompleteOidcInput!) { completeOidcLink(input: $input) { email } }';
    await ask(origin, { query: completeLink, variables: { input: linked }, token });

    const start = startLink.replace('startOidcLink', 'startOidcSignIn');
    const flow = (await ask(origin, { query: start, variables: { input } })).flow;
    const complete = `mutation ($input: CompleteOidcInput!) {
      completeOidcSignIn(input: $input) { ... on SignedIn { user { id } } }
    }`;
    const variables = { input: { flowId: flow.flowId, callbackUrl: await logIn(flow.authorizationUrl) } };

    expect((await ask(origin, { query: complete, variables })).completeOidcSignIn.user).toEqual({ id });
  });

  test('an identity provider', async () => {
    const { origin, provider } = surroundings();
    const start = `mutation ($input: StartOidcInput!) { startOidcSignIn(input: $input) { flowId authorizationUrl } }`;
    const input = { providerId: 'acme', redirectUri: oidcRedirectUri };
    const { flowId, authorizationUrl } = (await ask(origin, { query: start, variables: { input } })).startOidcSignIn;
    const callbackUrl = await provider.logIn(authorizationUrl, 'ida@idp.example');
    const complete = `mutation ($input: CompleteOidcInput!) {
      completeOidcSignIn(input: $input) { ... on SignedIn { user { email } tokens { accessToken } } }
    }`;
    const variables = { input: { flowId, callbackUrl } };

    const { completeOidcSignIn } = await ask(origin, { query: complete, variables });

    expect(completeOidcSignIn.user.email).toBe('ida@idp.example');
    expect((await send(origin, { query: complete, variables })).code).toBe('UNAUTHENTICATED');
  });

  test('another address, once both mailboxes have confirmed it', async () => {
    const { origin, smtp } = surroundings();
    const { id, email, accessToken: token } = await aProvenPerson(surroundings(), 'Max Move');
    const newEmail = `new.${email}`;
    const request = 'mutation ($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) }';
    const confirm = `mutation ($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { isComplete } }`;
    const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { user { id email } } } }`;
    await ask(origin, { query: request, variables: { input: { newEmail } }, token });

    for (const [mailbox, subject] of [[email, /want to change/] as const, [newEmail, /Confirm your new/] as const]) {
      const input = { token: await linkToken(smtp, mailbox, subject) };
      await ask(origin, { query: confirm, variables: { input }, token });
    }

    const entered = await ask(origin, { query: signIn, variables: { input: { email: newEmail, password } } });
    expect(entered.signIn.user).toEqual({ id, email: newEmail });
    const refused = await send(origin, { query: signIn, variables: { input: { email, password } } });
    expect(refused.code).toBe('UNAUTHENTICATED');
    expect((await send(origin, { query: '{ me { id } }', token })).code).toBe('UNAUTHENTICATED');
  });
}
