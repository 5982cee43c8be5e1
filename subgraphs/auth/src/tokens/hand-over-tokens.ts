import { noSessionTokens, sessionTokensHeader } from '@tessera/service/identity';
import type { SubgraphContext } from '@tessera/service/subgraph';
import type { IssuedTokens } from './token-issuer.js';

/** Gives tokens to whom they belong: the client, or the gateway where that keeps them in cookies. @returns what the client sees */
export function handOverTokens({ client, responseHeaders }: SubgraphContext, tokens: IssuedTokens): IssuedTokens {
  if (client.hasCookies !== true) return tokens;
  responseHeaders.set(sessionTokensHeader, `${tokens.accessToken} ${tokens.refreshToken}`);
  return { accessToken: '', refreshToken: '', expiresIn: tokens.expiresIn };
}

/** Has a gateway forget the tokens of a session that has ended. */
export function takeTokensBack({ client, responseHeaders }: SubgraphContext): void {
  if (client.hasCookies === true) responseHeaders.set(sessionTokensHeader, noSessionTokens);
}
