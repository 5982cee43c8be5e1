import { normaliseDocument } from '@tessera/service/operations';
import { LRUCache } from 'lru-cache';
import { hashOf } from './document-store.js';
import { parseDocument } from './parse-document.js';

/** Text and its hash -> hash of the normalised text. @throws as `parseDocument` */
export type NormalisedHashOf = (text: string, hash: string) => string;

/** Creates the way from a text to the hash of what it normalises to, which is remembered for the texts used last. */
export function createNormalisedHashes(maxTokens: number, maxEntries = 5_000): NormalisedHashOf {
  const known = new LRUCache<string, string>({ max: maxEntries });
  return (text, hash) => {
    const found = known.get(hash);
    if (found !== undefined) return found;
    const normalised = hashOf(normaliseDocument(parseDocument(text, maxTokens)));
    known.set(hash, normalised);
    return normalised;
  };
}
