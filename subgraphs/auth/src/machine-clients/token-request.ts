import { TokenRefusal } from './token-refusal.js';

/** Who wants a token, and for what. */
export interface TokenRequest {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Absent for all that the client has. */
  readonly scope?: readonly string[];
}

const basicPattern = /^Basic +([A-Za-z0-9+/=]+)$/i;

/**
 * Reads a token request by client credentials (RFC 6749, 4.4.2): credentials in the header (`client_secret_basic`) or in
 * the body (`client_secret_post`), never in both.
 *
 * @throws TokenRefusal
 */
export function parseTokenRequest(body: string, authorization: string | undefined): TokenRequest {
  const parameters = readForm(body);
  const grantType = parameters.get('grant_type');
  if (grantType === undefined) throw new TokenRefusal('invalid_request', 'grant_type is required');
  if (grantType !== 'client_credentials') {
    throw new TokenRefusal('unsupported_grant_type', 'Only client_credentials is granted here');
  }
  const credentials = readCredentials(parameters, authorization);
  const scope = parameters.get('scope');
  if (scope === undefined) return credentials;
  return { ...credentials, scope: [...new Set(scope.split(' ').filter((name) => name !== ''))] };
}

/** A parameter that comes twice could be read in two ways (RFC 6749, 3.2). */
function readForm(body: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (parameters.has(name)) throw new TokenRefusal('invalid_request', 'A parameter is there twice');
    // Without a value it is as good as absent.
    if (value !== '') parameters.set(name, value);
  }
  return parameters;
}

function readCredentials(
  parameters: ReadonlyMap<string, string>,
  authorization: string | undefined,
): Pick<TokenRequest, 'clientId' | 'clientSecret'> {
  const clientId = parameters.get('client_id');
  const clientSecret = parameters.get('client_secret');
  if (authorization === undefined) {
    if (clientId === undefined || clientSecret === undefined) {
      throw new TokenRefusal('invalid_client', 'Client credentials are required');
    }
    return { clientId, clientSecret };
  }
  if (clientSecret !== undefined) throw new TokenRefusal('invalid_request', 'Credentials are there in two ways');
  const basic = readBasic(authorization);
  if (clientId !== undefined && clientId !== basic.clientId) {
    throw new TokenRefusal('invalid_request', 'Two clients are named');
  }
  return basic;
}

/** Both halves are form-encoded before they are joined (RFC 6749, 2.3.1). */
function readBasic(authorization: string): Pick<TokenRequest, 'clientId' | 'clientSecret'> {
  const encoded = basicPattern.exec(authorization)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon <= 0) throw new TokenRefusal('invalid_client', 'Authorization must be Basic with id and secret');
  const decode = (part: string): string => new URLSearchParams(`part=${part}`).get('part') ?? '';
  return { clientId: decode(text.slice(0, colon)), clientSecret: decode(text.slice(colon + 1)) };
}
