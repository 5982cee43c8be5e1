import { hashOf } from './document-store.js';

/** Text -> SHA-256 of it, hex. */
export type TextHashOf = typeof hashOf;

/** Longer texts are hashed each time: what is remembered stays within some megabytes. */
const maxCharacters = 8_192;

/** Remembers the hashes of texts that come again: finding a text costs half of hashing it. */
export function createTextHashes(maxTexts = 1_000): TextHashOf {
  const known = new Map<string, string>();
  return (text) => {
    if (text.length > maxCharacters) return hashOf(text);
    const found = known.get(text);
    if (found !== undefined) return found;
    // Keeping account of which are used would cost more than hashing the busy ones once more.
    if (known.size === maxTexts) known.clear();
    const hash = hashOf(text);
    known.set(text, hash);
    return hash;
  };
}
