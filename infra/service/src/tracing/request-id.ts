import { randomUUID } from 'node:crypto';

const acceptable = /^[\w.:/+=-]{8,128}$/;

/** The caller's request id where its length and alphabet can be trusted in logs, else a fresh one. */
export function requestIdFrom(header: unknown): string {
  return typeof header === 'string' && acceptable.test(header) ? header : randomUUID();
}
