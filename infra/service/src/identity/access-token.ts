import { z } from 'zod';

/** Issuer, audience and `typ` of access tokens: a token made for anything else is refused (RFC 8725, 3.9 and 3.11). */
export const accessTokenIssuer = 'tessera';
export const accessTokenAudience = 'tessera';
export const accessTokenType = 'at+jwt';

/** The only algorithms that a token may be signed with (RFC 7518, 3.4 and 3.5; RFC 8037, 3.1). */
export const accessTokenAlgorithms = ['ES256', 'EdDSA', 'PS256'] as const;

export type AccessTokenAlgorithm = (typeof accessTokenAlgorithms)[number];

/** Seconds. */
export const accessTokenLifetime = 30 * 60;

/** What an access token says about its bearer. */
export const accessTokenClaimsSchema = z.object({
  sub: z.uuid(),
  /** The session. */
  sid: z.uuid(),
  /** The active tenant. */
  tid: z.uuid().optional(),
  roles: z.array(z.string()),
  /** Permissions, separated by spaces (RFC 8693, 4.2). */
  scope: z.string(),
  /** How often the rights of the session had changed when the token was made. */
  rv: z.number().int().nonnegative().default(0),
  /** The machine client that the token was made for (RFC 9068, 2.2); it is `sub` and `sid` too. */
  client_id: z.uuid().optional(),
  /** Who made that client, and so owns what is made with it. */
  owner: z.uuid().optional(),
  /** Who really acts, where somebody impersonates the subject (RFC 8693, 4.1). */
  act: z.object({ sub: z.uuid() }).optional(),
  /** How the session was opened: `password`, `email`, `passkey` or `oidc:<provider>`. */
  way: z.string().optional(),
  /** What was shown for it, by the names of RFC 8176; `mfa` for more than one factor. */
  amr: z.array(z.string()).optional(),
  /** Seconds since the epoch, when the person last proved who they are (OpenID Connect Core, 2). */
  auth_time: z.number().optional(),
  /** Whether the tenant had a security policy when the token was made: without knowing it, nobody is let in. */
  pol: z.boolean().optional(),
});

export type AccessTokenClaims = z.infer<typeof accessTokenClaimsSchema>;

/**
 * Response header by which auth tells the gateway, in the answer to a mutation, who the caller has just become: the new
 * access token. The rest of the operation then runs as that person; the gateway verifies it like any other token.
 */
export const newAccessTokenHeader = 'x-tessera-access-token';

/**
 * Response header by which auth hands tokens to a gateway that keeps them for its client: access token, space, refresh token;
 * or {@link noSessionTokens}.
 */
export const sessionTokensHeader = 'x-tessera-session-tokens';

/** In place of tokens: the session has ended. */
export const noSessionTokens = 'none';

/** Pub/sub channel on which auth tells every gateway at once which sessions ended. */
export const revocationChannel = 'auth.revocations';

/** Where auth tells gateways the sessions that ended lately, by {@link revocationSchema}; a request is signed like any other. */
export const endedSessionsPath = '/sessions/ended';

/** Where auth tells other subgraphs, asked for a person, whether that person has lately proven who they are: 204, or why not. */
export const recentAuthenticationPath = '/sessions/recent-authentication';

/** Where auth tells the tenant subgraph, asked for a person, how that person's session was opened and proven. */
export const sessionProofPath = '/sessions/proof';

/** Where programs fetch access tokens (RFC 6749, 3.2), at gateways and, behind them, at auth. */
export const tokenPath = '/oauth/token';

export const revocationSchema = z.object({
  /** Sessions that ended: all their tokens are refused. */
  sessionIds: z.array(z.uuid()),
  /** Sessions that go on with other rights: tokens that were made before that are refused, and a refresh brings new ones. */
  renewed: z.array(z.object({ sessionId: z.uuid(), rightsVersion: z.number().int() })).default([]),
});

export type Revocation = z.infer<typeof revocationSchema>;
