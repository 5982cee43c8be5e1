import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createKeyedHashes } from '../keys/keyed-hash.js';
import { ChangeLinks } from './change-link.js';

describe('links that confirm a change of address', () => {
  const links = new ChangeLinks(createKeyedHashes(['a secret of at least thirty-two characters']));
  const changeId = randomUUID();

  test('name the change and the mailbox', () => {
    expect(links.read(links.tokenFor(changeId, 'old'))).toEqual({ changeId, side: 'old' });
  });

  test('are read while another secret takes the place of theirs', () => {
    const next = 'another secret of thirty-two characters';
    const rotating = new ChangeLinks(createKeyedHashes([next, 'a secret of at least thirty-two characters']));

    expect(rotating.read(links.tokenFor(changeId, 'old'))).toEqual({ changeId, side: 'old' });
    expect(links.read(rotating.tokenFor(changeId, 'old'))).toBeUndefined();
  });

  test('of one mailbox or change are not good for another', () => {
    const token = links.tokenFor(changeId, 'old');

    expect(links.read(token.replace('.old.', '.new.'))).toBeUndefined();
    expect(links.read(token.replace(changeId, randomUUID()))).toBeUndefined();
    expect(links.read('nonsense')).toBeUndefined();
  });
});
