import { noSessionTokens } from '@tessera/service/identity';

/** Header by which a page asks that the gateway keeps its tokens. A form or an image of another site cannot send it. */
export const sessionModeHeader = 'x-session-mode';

/** In the headers of a request whose tokens are kept in cookies. No header of the wire has such a name. */
export const cookieMark = ':session-cookies';

/**
 * Names of the cookies. The prefix binds them to this very host, to HTTPS (and loopback) and to all paths
 * (https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis, 4.1.3.2).
 */
const names = { access: '__Host-tessera-access', refresh: '__Host-tessera-refresh' } as const;

/** Longer than any session, as long as browsers allow: how long one lasts is not theirs to decide. */
const maxAgeSeconds = 400 * 24 * 60 * 60;

const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/** What a client of ours has in its cookies. */
export interface SessionCookies {
  readonly access: string | undefined;
  readonly refresh: string | undefined;
  /** All its other cookies, as they came; undefined where there are none. */
  readonly others: string | undefined;
}

/** Reads `Cookie` (RFC 6265, 4.2). */
export function readSessionCookies(cookie: string): SessionCookies {
  const found: { access?: string; refresh?: string } = {};
  const others: string[] = [];
  for (const pair of cookie.split(';')) {
    const [name = '', ...value] = pair.trim().split('=');
    if (name === names.access) found.access = value.join('=');
    else if (name === names.refresh) found.refresh = value.join('=');
    else if (name !== '') others.push(pair.trim());
  }
  return { access: found.access, refresh: found.refresh, others: others.length === 0 ? undefined : others.join('; ') };
}

/** `Set-Cookie` of each cookie. @param sessionTokens as auth's header has them */
export function sessionCookies(sessionTokens: string): readonly string[] {
  const [access = '', refresh = ''] = sessionTokens === noSessionTokens ? [] : sessionTokens.split(' ');
  return [setCookie(names.access, access), setCookie(names.refresh, refresh)];
}

function setCookie(name: string, value: string): string {
  return `${name}=${value}; ${attributes}; Max-Age=${value === '' ? 0 : maxAgeSeconds}`;
}

/**
 * What keeps a client's tokens. Where the answer has no headers of its own, as on a socket, they are kept by nobody: the client
 * goes on with those that it has.
 */
export function tokenKeeper(
  setResponseHeader: ((name: string, value: string) => void) | undefined,
): (sessionTokens: string) => void {
  return (sessionTokens) => {
    for (const cookie of sessionCookies(sessionTokens)) setResponseHeader?.('set-cookie', cookie);
  };
}
