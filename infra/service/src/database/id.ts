import { v7 } from 'uuid';

/** A new UUIDv7: unique everywhere, and in the order of creation, so that indexes grow at their end. */
export function newId(): string {
  return v7();
}
