import type { Leftovers } from '../../support/leftovers.js';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { startRunningGateway, type RunningGateway, type RunningGatewayOptions } from './running-gateway.js';

/** A gateway, and who makes the tokens that it believes. */
export interface KnownCallers {
  readonly issuer: TokenIssuer;
  readonly running: RunningGateway;
}

/** Starts a gateway that verifies tokens of an issuer of its own; both end with the leftovers. */
export async function startForKnownCallers(
  leftovers: Leftovers,
  { environment, ...options }: RunningGatewayOptions,
): Promise<KnownCallers> {
  const issuer = await startTokenIssuer();
  leftovers.defer('issuer', () => issuer.close());
  const running = await startRunningGateway({ ...options, environment: { JWKS_URL: issuer.jwksUrl, ...environment } });
  leftovers.defer('gateway', () => running.close());
  return { issuer, running };
}
