import { decodeJwt } from 'jose';
import { eventually } from '../../support/eventually.js';
import { send } from '../../support/graphql-client.js';
import type { LocalMode } from '../../support/local-mode.js';
import { signAsAuth } from '../../support/local-secrets.js';

/**
 * Makes a token that says what a good one says and is signed as that was, but ends soon; resolves when it has ended. The
 * gateway has let it in before, and remembers it: nothing but its end can be why it is refused.
 */
export async function expire(local: LocalMode, accessToken: string): Promise<string> {
  const question = { query: '{ me { id } }' };
  let token = '';
  // Again where a slow machine lets it end before it was used.
  await eventually(async () => {
    token = await signAsAuth(local, decodeJwt(accessToken), { issuedAt: '-1s', expiresAt: '5s' });
    const { data } = await send(local.origin, { ...question, token });
    return data?.me?.id === decodeJwt(accessToken).sub;
  }, 60_000);
  await eventually(() => Date.now() > Number(decodeJwt(token).exp) * 1_000);
  return token;
}
