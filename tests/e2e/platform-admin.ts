import { ask, send } from '../support/graphql-client.js';

/** Who signs up with this address runs the platform, where it is set so. */
export const platformAdminEmail = 'platform@example.com';

/** Signs up who runs the platform. @returns an access token */
export async function signUpPlatformAdmin(origin: string): Promise<string> {
  const { signUp: payload } = await ask(origin, {
    query: 'mutation ($input: SignUpInput!) { signUp(input: $input) { tokens { accessToken } } }',
    variables: {
      input: { email: platformAdminEmail, password: 'correct horse battery staple', displayName: 'Pat Platform' },
    },
  });
  return payload.tokens.accessToken;
}

/** Signs in who runs the platform, and up before the first time. @returns an access token */
export async function platformAdminToken(origin: string): Promise<string> {
  const { data } = await send(origin, {
    query: 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { tokens { accessToken } } } }',
    variables: { input: { email: platformAdminEmail, password: 'correct horse battery staple' } },
  });
  return data?.signIn?.tokens.accessToken ?? signUpPlatformAdmin(origin);
}
