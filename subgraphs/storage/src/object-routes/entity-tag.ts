import type { IncomingHttpHeaders } from 'node:http';
import type { ObjectKey } from '../object-store/object-store.js';

/** An object never changes, so its id is the strongest of all entity tags (RFC 9110, 8.8.3). */
export const entityTagOf = ({ fileId }: ObjectKey): string => `"${fileId}"`;

/** Whether a client has the object already: `If-None-Match` names tags, which may be weak, or any (RFC 9110, 13.1.2). */
export function isKnownToClient({ 'if-none-match': named }: IncomingHttpHeaders, entityTag: string): boolean {
  const known = named?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return known.includes(entityTag) || known.includes('*');
}

/** Whether a range may be answered: one of another object would be put together with what the client has (RFC 9110, 13.1.5). */
export function mayBeRange({ 'if-range': named }: IncomingHttpHeaders, entityTag: string): boolean {
  return named === undefined || named === entityTag;
}
