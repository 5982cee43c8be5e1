import { v7 } from 'uuid';

const pattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A new UUIDv7: unique everywhere, and in the order of creation, so that indexes grow at their end. */
export function newId(): string {
  return v7();
}

/** Whether a text that came from outside can be an id at all: PostgreSQL fails on a comparison with one that cannot. */
export function isId(text: string): boolean {
  return pattern.test(text);
}
