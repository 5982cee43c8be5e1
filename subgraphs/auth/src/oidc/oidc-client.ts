import { AppError } from '@tessera/service/errors';
import { unauthenticated } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import { plainTextSchema } from '@tessera/service/plain-text';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientError,
  discovery,
  fetchUserInfo,
  type Configuration,
} from 'openid-client';
import { z } from 'zod';
import type { OidcProvider } from './oidc-providers-field.js';

/** Seconds that a provider may take for each answer. */
const timeoutSeconds = 10;

/** What only the two ends of a flow know. */
export interface FlowSecrets {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Who somebody is to a provider. */
export interface ProvenIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | undefined;
  readonly isEmailVerified: boolean;
  readonly name: string | undefined;
}

/** Of what a provider says of a person, what is asked for. What is of another type is as if it were not there. */
const profileSchema = z
  .object({
    email: z.string().optional().catch(undefined),
    email_verified: z.unknown(),
    name: plainTextSchema(200).optional().catch(undefined),
  })
  .transform(({ email, email_verified: isVerified, name }) => ({ email, isEmailVerified: isVerified === true, name }));

/** Speaks with the identity providers of the settings: OpenID Connect by discovery, code flow with PKCE, state and nonce. */
export class OidcClient {
  readonly #providers: ReadonlyMap<string, OidcProvider>;
  readonly #discovered = new Map<string, Promise<Configuration>>();

  constructor(
    providers: readonly OidcProvider[],
    private readonly logger: Logger,
  ) {
    this.#providers = new Map(providers.map((provider) => [provider.id, provider]));
  }

  get providers(): readonly OidcProvider[] {
    return [...this.#providers.values()];
  }

  /** @throws AppError `BAD_USER_INPUT` for a provider that is not in the settings, or not with this redirect URI */
  assertRedirect(providerId: string, redirectUri: string): void {
    if (!this.#find(providerId).redirectUris.includes(redirectUri)) {
      throw new AppError('BAD_USER_INPUT', 'Redirect URI is not one of the provider’s');
    }
  }

  /** Where to send the person. @throws AppError `SUBGRAPH_UNAVAILABLE` while the provider cannot be reached */
  async authorizationUrl(providerId: string, redirectUri: string, secrets: FlowSecrets): Promise<string> {
    const { state, nonce, codeVerifier } = secrets;
    const configuration = await this.#discover(providerId);
    return buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.#find(providerId).scopes.join(' '),
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    }).href;
  }

  /**
   * Exchanges the code that a person came back with. The library checks state, issuer (RFC 9207), signature, audience and
   * nonce.
   *
   * @param callback where the browser came back to: the redirect URI with the provider's parameters
   * @throws AppError `UNAUTHENTICATED` for an answer that is not the provider's to this flow, `SUBGRAPH_UNAVAILABLE`
   */
  async exchange(providerId: string, callback: URL, secrets: FlowSecrets): Promise<ProvenIdentity> {
    const configuration = await this.#discover(providerId);
    try {
      const tokens = await authorizationCodeGrant(configuration, callback, {
        expectedState: secrets.state,
        expectedNonce: secrets.nonce,
        pkceCodeVerifier: secrets.codeVerifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('The provider sent no ID token');
      // Many providers keep the address for the user info endpoint; the library checks that it speaks of the same person.
      const hasEmail = claims['email'] !== undefined || configuration.serverMetadata().userinfo_endpoint === undefined;
      const info = hasEmail ? {} : await fetchUserInfo(configuration, tokens.access_token, claims.sub);
      const { iss: issuer, sub: subject } = claims;
      return { issuer, subject, ...profileSchema.parse({ ...claims, ...info }) };
    } catch (error) {
      throw this.#toAppError(providerId, error);
    }
  }

  #find(providerId: string): OidcProvider {
    const provider = this.#providers.get(providerId);
    if (provider === undefined) throw new AppError('BAD_USER_INPUT', 'Provider is not known');
    return provider;
  }

  /** Asked once; what failed is asked again. */
  async #discover(providerId: string): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.#find(providerId);
    const known = this.#discovered.get(providerId);
    if (known !== undefined) return known;
    const execute = issuer.startsWith('http:') ? [allowInsecureRequests] : [];
    const asked = discovery(new URL(issuer), clientId, clientSecret, undefined, { execute, timeout: timeoutSeconds });
    this.#discovered.set(providerId, asked);
    return asked.catch((error: unknown) => {
      this.#discovered.delete(providerId);
      this.logger.warn({ err: error, provider: providerId }, 'an identity provider cannot be discovered');
      throw unreachable(error);
    });
  }

  #toAppError(providerId: string, error: unknown): AppError {
    this.logger.warn({ err: error, provider: providerId }, 'an identity provider did not confirm a sign-in');
    if (error instanceof TypeError || (error instanceof ClientError && error.code === 'OAUTH_TIMEOUT')) {
      return unreachable(error);
    }
    return unauthenticated('WRONG_CREDENTIALS', 'The identity provider did not confirm the sign-in', error);
  }
}

function unreachable(cause: unknown): AppError {
  return new AppError('SUBGRAPH_UNAVAILABLE', 'The identity provider cannot be reached', { cause });
}
