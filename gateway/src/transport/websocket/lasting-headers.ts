import type { ForwardHeaders } from '../forward-headers.js';
import { contextHeaders } from '../request-context.js';

type Headers = Readonly<Record<string, unknown>>;

const none: Headers = Object.freeze({});

/**
 * Of the headers that a socket came with those that operations on it will want: a browser sends a kilobyte of others, which would
 * be held as long as the socket, and so would the token.
 */
export function lastingHeaders(headers: Headers, { reads }: ForwardHeaders): Headers {
  const lasting = [...contextHeaders, ...reads].filter((name) => headers[name] !== undefined);
  return lasting.length === 0 ? none : Object.fromEntries(lasting.map((name) => [name, headers[name]]));
}
