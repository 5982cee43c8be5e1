import { loadGatewayConfig } from '@tessera/gateway/config';
import { createGateway, type Gateway, type GatewayOptions } from '@tessera/gateway/gateway';
import type { AccessTokenClaims } from '@tessera/service/identity';
import { composeSubgraphs, type SubgraphText } from '../../support/compose-subgraphs.js';
import { quietLogger, type Leftovers } from '../../support/leftovers.js';
import { startTokenIssuer } from '../../support/token-issuer.js';
import { openRawSocket, type RawSocket } from './raw-socket.js';

/** A gateway that knows its callers by tokens of a real issuer. */
export interface GatewayWithCallers {
  readonly gateway: Gateway;
  readonly url: string;
  /** Opens a socket of somebody. @param more what else the socket begins with */
  signIn(claims?: Partial<AccessTokenClaims>, more?: Readonly<Record<string, unknown>>): Promise<RawSocket>;
  metric(name: string): Promise<number>;
}

export interface GatewayWithCallersOptions extends Pick<GatewayOptions, 'adapters' | 'grantPolicies'> {
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly subgraphs: readonly SubgraphText[];
}

/** Composes the subgraphs and starts a gateway before them, on free ports. */
export async function startGatewayWithCallers(
  { environment, subgraphs, ...options }: GatewayWithCallersOptions,
  leftovers: Leftovers,
): Promise<GatewayWithCallers> {
  const supergraphSdl = composeSubgraphs(subgraphs);
  const issuer = await startTokenIssuer();
  leftovers.defer('issuer', () => issuer.close());
  const gateway = await createGateway({
    config: loadGatewayConfig({
      PORT: '0',
      INTERNAL_PORT: '0',
      HOST: '127.0.0.1',
      DRAIN_DELAY_MS: '0',
      RATE_LIMITS: 'none',
      JWKS_URL: issuer.jwksUrl,
      ...environment,
    }),
    supergraphSdl,
    logger: quietLogger(),
    ...options,
  });
  leftovers.defer('gateway', () => gateway.stop());
  const url = `http://127.0.0.1:${gateway.port}/graphql`;
  return {
    gateway,
    url,
    async signIn(claims, more = {}) {
      const socket = await openRawSocket(url.replace('http', 'ws'));
      leftovers.defer('socket', () => socket.socket.terminate());
      await socket.initialise({ authorization: `Bearer ${await issuer.issue(claims)}`, ...more });
      return socket;
    },
    async metric(name) {
      const text = await (await fetch(`http://127.0.0.1:${gateway.internalPort}/metrics`)).text();
      return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    },
  };
}
