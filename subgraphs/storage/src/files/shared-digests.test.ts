import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { ObjectDigest, ObjectKey } from '../object-store/object-store.js';
import { SharedDigests } from './shared-digests.js';

const aKey = (): ObjectKey => ({ tenantId: randomUUID(), fileId: randomUUID() });
const digest: ObjectDigest = { sizeBytes: 1, sha256: 'a' };

/** A store that answers when it is told so. */
function createStore() {
  const readings: PromiseWithResolvers<ObjectDigest>[] = [];
  return {
    readings,
    digest(): Promise<ObjectDigest> {
      const reading = Promise.withResolvers<ObjectDigest>();
      readings.push(reading);
      return reading.promise;
    },
  };
}

test('who asks while an object is read, and afterwards, has the outcome of that one reading', async () => {
  const store = createStore();
  const digests = new SharedDigests(store);
  const key = aKey();
  const asked = [digests.of(key), digests.of(key)];

  store.readings[0]?.resolve(digest);

  expect(await Promise.all([...asked, digests.of(key)])).toEqual([digest, digest, digest]);
  expect(store.readings).toHaveLength(1);
});

test('an object that could not be read is read again for who asks again', async () => {
  const store = createStore();
  const digests = new SharedDigests(store);
  const key = aKey();
  const failing = digests.of(key);
  store.readings[0]?.reject(new Error('The store is away'));
  await expect(failing).rejects.toThrow('The store is away');

  const again = digests.of(key);
  store.readings[1]?.resolve(digest);

  expect(await again).toEqual(digest);
});

test('no more digests are kept than was said, the latest', () => {
  const store = createStore();
  const digests = new SharedDigests(store, 2);
  const [first, second, third] = [aKey(), aKey(), aKey()];
  for (const key of [first, second, third]) void digests.of(key);

  for (const key of [second, third]) void digests.of(key);
  expect(store.readings).toHaveLength(3);
  void digests.of(first);

  expect(store.readings).toHaveLength(4);
});
