import type { IncomingMessage } from 'node:http';
import { AppError } from '@tessera/service/errors';
import type { HttpServer } from '@tessera/service/http';
import type { IsAllowedOrigin } from '../origins.js';
import { cookieMark, readSessionCookies, sessionModeHeader } from '../session-cookies.js';
import { eventStream } from '../streams/server-sent-events.js';

/** Tells the refresh token that a request brought in its cookie. */
export type RefreshTokenOf = (message: IncomingMessage) => string | undefined;

/**
 * Lets browsers' pages have their tokens kept in cookies, over HTTP and WebSocket. Behind this a request is like any other with
 * an access token: whoever serves it need not know. A cookie counts where a page of an allowed origin has sent it on purpose:
 * with a header that no form or image can send, or, for a socket and an `EventSource` of the endpoint, which can send no headers, by
 * what browsers themselves say of the page.
 *
 * @param path where operations are served
 */
export function addCookieMode(server: HttpServer, path: string, isAllowed: IsAllowedOrigin): RefreshTokenOf {
  const refreshTokens = new WeakMap<IncomingMessage, string>();
  server.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request;
    const cookies = takeCookies(raw);
    if (raw.headers[sessionModeHeader] === undefined) {
      const isStream = request.routeOptions.url === path && isOwnEventSource(raw, isAllowed);
      if (isStream && cookies?.access !== undefined) apply(raw, cookies.access);
      return done();
    }
    assertSameMode(raw, isAllowed);
    if (cookies?.refresh !== undefined) refreshTokens.set(raw, cookies.refresh);
    apply(raw, cookies?.access);
    done();
  });
  server.server.prependListener('upgrade', (message: IncomingMessage) => {
    const cookies = takeCookies(message);
    const { origin, authorization } = message.headers;
    if (cookies?.access === undefined || authorization !== undefined) return;
    if (origin !== undefined && isOwnPage(message, origin, isAllowed)) apply(message, cookies.access);
  });
  return (message) => refreshTokens.get(message);
}

/** Nobody behind this, and no subgraph, sees our cookies. */
function takeCookies({ headers }: IncomingMessage): ReturnType<typeof readSessionCookies> | undefined {
  if (headers.cookie === undefined) return undefined;
  const cookies = readSessionCookies(headers.cookie);
  if (cookies.others === undefined) delete headers.cookie;
  else headers.cookie = cookies.others;
  return cookies;
}

function assertSameMode(message: IncomingMessage, isAllowed: IsAllowedOrigin): void {
  const { method, headers } = message;
  const { origin, authorization } = headers;
  if (headers[sessionModeHeader] !== 'cookie') {
    throw new AppError('BAD_USER_INPUT', `Header ${sessionModeHeader} can be cookie, and nothing else`);
  }
  if (authorization !== undefined) {
    throw new AppError('BAD_USER_INPUT', 'Whose tokens are kept in cookies sends no Authorization');
  }
  // Browsers leave it out where a page of this very host only reads.
  const isRead = method === 'GET' || method === 'HEAD';
  if (origin === undefined ? !isRead : !isOwnPage(message, origin, isAllowed)) {
    throw new AppError('FORBIDDEN', 'Cookies are not taken from pages of this origin');
  }
}

/**
 * Whether a page that may have cookies has opened an `EventSource`. It can only read, for mutations are not served over GET; a link,
 * an image or a form of whatever site asks for other media types, and a stream to another origin always says which page opened it.
 */
function isOwnEventSource(message: IncomingMessage, isAllowed: IsAllowedOrigin): boolean {
  const { method, headers } = message;
  const { accept, authorization, origin } = headers;
  if (method !== 'GET' || accept !== eventStream || authorization !== undefined) return false;
  return origin === undefined ? headers['sec-fetch-site'] === 'same-origin' : isOwnPage(message, origin, isAllowed);
}

function isOwnPage({ headers }: IncomingMessage, origin: string, isAllowed: IsAllowedOrigin): boolean {
  return isAllowed(origin) || (URL.canParse(origin) && new URL(origin).host === headers.host);
}

function apply({ headers }: IncomingMessage, accessToken: string | undefined): void {
  headers[cookieMark] = 'true';
  if (accessToken !== undefined && accessToken !== '') headers.authorization = `Bearer ${accessToken}`;
}
