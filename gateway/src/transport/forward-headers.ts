import type { Caller } from '../context.js';

/** Adds to a caller what of the request's headers subgraphs are to get. @param headers names in small letters */
export interface ForwardHeaders {
  (caller: Caller, headers: Readonly<Record<string, unknown>>): Caller;
  /** The headers that it looks at. */
  readonly reads: readonly string[];
}

/** What a header may hold on the wire (RFC 9110, 5.5): a line break in it would begin another header. */
const wireValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Creates the forwarding of the headers of an allow list.
 *
 * A header that the client has named in `Connection` belongs to its connection and stays there. What the guards want handed
 * on is not replaced.
 */
export function createForwardHeaders(names: readonly string[]): ForwardHeaders {
  if (names.length === 0) return Object.assign((caller: Caller) => caller, { reads: [] });
  const forward = (caller: Caller, headers: Readonly<Record<string, unknown>>): Caller => {
    const ofConnection = String(headers['connection'] ?? '')
      .toLowerCase()
      .split(/\s*,\s*/);
    const chosen: Record<string, string> = {};
    for (const name of names) {
      const value = headers[name];
      if (typeof value === 'string' && wireValue.test(value) && !ofConnection.includes(name)) chosen[name] = value;
    }
    return { ...caller, forwardedHeaders: { ...chosen, ...caller.forwardedHeaders } };
  };
  return Object.assign(forward, { reads: ['connection', ...names] });
}
