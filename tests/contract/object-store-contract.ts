import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ObjectKey, ObjectStore } from '@tessera/storage/object-store/object-store';
import type { OpenedStore } from '../support/object-stores.js';
import { aKey, inSeconds, storeObject } from './object-uploads.js';

/** What every object store does with what was uploaded. */
export function objectStoreContract(open: () => Promise<OpenedStore>): void {
  let opened: OpenedStore;
  let store: ObjectStore;

  beforeAll(async () => {
    opened = await open();
    ({ store } = opened);
  }, 30_000);

  afterAll(() => opened.close());

  const urlOfText = (key: ObjectKey): Promise<string> =>
    store.createDownloadUrl(key, { contentType: 'text/plain', fileName: 'a.txt', expiresAt: inSeconds(60) });

  test('gives back 5 MB byte by byte, with their digest', async () => {
    const key = aKey();
    const body = randomBytes(5 * 1024 ** 2);
    const response = await storeObject(store, key, body, 'application/octet-stream');

    const url = await store.createDownloadUrl(key, {
      contentType: 'application/octet-stream',
      fileName: 'Bericht “größer”.bin',
      expiresAt: inSeconds(60),
    });
    const download = await fetch(url);

    expect(response.status).toBe(200);
    expect((await readBytes(download)).equals(body)).toBe(true);
    expect(download.headers.get('content-type')).toBe('application/octet-stream');
    expect(download.headers.get('content-disposition')).toMatch(
      /^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''/,
    );
    expect(await store.sizeOf(key)).toBe(body.length);
    expect(await store.digest(key)).toEqual({
      sizeBytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
    });
  });

  test('answers one range of an object', async () => {
    const key = aKey();
    await storeObject(store, key, Buffer.from('0123456789'));
    const url = await urlOfText(key);

    const middle = await fetch(url, { headers: { range: 'bytes=2-4' } });
    const end = await fetch(url, { headers: { range: 'bytes=-3' } });
    const outside = await fetch(url, { headers: { range: 'bytes=10-' } });

    expect([middle.status, await middle.text(), middle.headers.get('content-range')]).toEqual([
      206,
      '234',
      'bytes 2-4/10',
    ]);
    expect([end.status, await end.text()]).toEqual([206, '789']);
    expect(outside.status).toBe(416);
  });

  test('sends nothing again to who has the object already', async () => {
    const key = aKey();
    await storeObject(store, key, Buffer.from('0123456789'));
    const url = await urlOfText(key);
    const entityTag = (await fetch(url)).headers.get('etag') ?? '';

    const known = await fetch(url, { headers: { 'if-none-match': entityTag } });
    const ofKnown = await fetch(url, { headers: { 'if-none-match': entityTag, range: 'bytes=0-4' } });
    const other = await fetch(url, { headers: { 'if-none-match': '"other"' } });

    expect(entityTag).toMatch(/^".+"$/);
    expect([known.status, await known.text()]).toEqual([304, '']);
    expect(ofKnown.status).toBe(304);
    expect([other.status, await other.text()]).toEqual([200, '0123456789']);
  });

  test('knows nothing of an object that was not uploaded', async () => {
    expect(await store.sizeOf(aKey())).toBeUndefined();
  });

  test('forgets a removed object, and does not mind removing it again', async () => {
    const key = aKey();
    await storeObject(store, key);
    const url = await urlOfText(key);
    await store.remove(key);
    await store.remove(key);

    const download = await fetch(url);

    expect(download.status).toBe(404);
    expect(await store.sizeOf(key)).toBeUndefined();
  });

  test('gives no byte of a retired object, and removes it in the end', async () => {
    const key = aKey();
    await storeObject(store, key);
    const url = await urlOfText(key);
    await store.retire(key);
    const download = await fetch(url);
    const sizeBytes = await store.sizeOf(key);

    await store.remove(key);

    expect(download.ok ? (await readBytes(download)).length : 0).toBe(0);
    expect(sizeBytes ?? 0).toBe(0);
    expect(await store.sizeOf(key)).toBeUndefined();
  });

  test('forgets all objects of one tenant, and none of another', async () => {
    const [tenantId, other] = [randomUUID(), aKey()];
    const keys = Array.from({ length: 45 }, () => ({ tenantId, fileId: randomUUID() }));
    for (const key of [...keys, other]) await storeObject(store, key, Buffer.from('x'));

    await store.removeAll(tenantId, AbortSignal.timeout(20_000));
    await store.removeAll(tenantId, AbortSignal.timeout(20_000));

    const sizes = await Promise.all(keys.map((key) => store.sizeOf(key)));
    expect(sizes.filter((size) => size !== undefined)).toEqual([]);
    expect(await store.sizeOf(other)).toBe(1);
    await expect(store.removeAll('..', AbortSignal.timeout(1_000))).rejects.toThrow('not found');
  });

  test('goes on with an object where its last checkpoint was, whatever was written after it', async () => {
    const key = aKey();
    const pieces = [6, 1, 7, 2].map((megabytes) => randomBytes(megabytes * 1024 ** 2));
    const [first, lost, second, third] = pieces as [Buffer, Buffer, Buffer, Buffer];

    const begun = await store.beginAppended(key);
    await begun.append(first);
    const state = await begun.checkpoint();
    await begun.append(lost);
    await begun.close();
    expect(await store.sizeOf(key)).toBeUndefined();
    const resumed = await store.resumeAppended(key, state ?? { bytes: 0 });
    for (const piece of [second, third]) await resumed?.append(piece);
    const sizeBytes = await resumed?.complete();
    await resumed?.close();

    const content = Buffer.concat(await (await store.openContent(key, AbortSignal.timeout(20_000))).toArray());
    expect(state?.bytes).toBe(first.length);
    expect(sizeBytes).toBe(content.length);
    expect(content.equals(Buffer.concat([first, second, third]))).toBe(true);
  }, 60_000);

  test('says of an object that was begun whether it can be gone on with, and begins it anew', async () => {
    const key = aKey();
    const begun = await store.beginAppended(key);
    await begun.append(randomBytes(6 * 1024 ** 2));
    const state = (await begun.checkpoint()) ?? { bytes: 0 };
    await begun.close();

    const before = await store.resumeAppended(key, state);
    await before?.close();
    await store.removeAll(key.tenantId, AbortSignal.timeout(20_000));
    const after = await store.resumeAppended(key, state);
    const again = await store.beginAppended(key);
    await again.append(Buffer.from('anew'));
    await again.complete();
    await again.close();

    expect(before).toBeDefined();
    expect(after).toBeUndefined();
    expect((await store.digest(key)).sizeBytes).toBe(4);
  }, 60_000);

  test('forgets an object that was begun, and does not mind forgetting it again', async () => {
    const [key, other] = [aKey(), aKey()];
    const states = [];
    for (const one of [key, other]) {
      const begun = await store.beginAppended(one);
      await begun.append(randomBytes(6 * 1024 ** 2));
      states.push((await begun.checkpoint()) ?? { bytes: 0 });
      await begun.close();
    }
    const [state = { bytes: 0 }, otherState = { bytes: 0 }] = states;

    await store.discardAppended(key);
    await store.discardAppended(key);

    expect(await store.resumeAppended(key, state)).toBeUndefined();
    const kept = await store.resumeAppended(other, otherState);
    expect(await kept?.complete()).toBe(6 * 1024 ** 2);
    await kept?.close();
  }, 60_000);

  test('never overwrites an object', async () => {
    const key = aKey();
    await storeObject(store, key, Buffer.from('first'));

    const second = await storeObject(store, key, Buffer.from('other'));

    expect([409, 412]).toContain(second.status);
    expect((await store.digest(key)).sha256).toBe(createHash('sha256').update('first').digest('hex'));
  });

  test('keeps one of many uploads of the same object at once', async () => {
    const key = aKey();

    const responses = await Promise.all(
      Array.from({ length: 8 }, () => storeObject(store, key, randomBytes(64 * 1024))),
    );

    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('keeps tenants apart whose ids begin alike', async () => {
    const tenantId = randomUUID();
    const neighbour = tenantId.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const fileId = randomUUID();
    await storeObject(store, { tenantId, fileId });

    expect(await store.sizeOf({ tenantId: neighbour, fileId })).toBeUndefined();
  });

  test.each(['..', '../..', 'a/b', '', '%2e%2e', randomUUID().slice(0, -1), `${randomUUID()}0`])(
    'takes no part of a path for an id: %j',
    async (id) => {
      const keys = [
        { tenantId: id, fileId: randomUUID() },
        { tenantId: randomUUID(), fileId: id },
      ];

      for (const key of keys) await expect(store.sizeOf(key)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    },
  );

  test('shows pictures in place, and lets browsers save what can carry script', async () => {
    const dispositions = await Promise.all(
      ['image/png', 'image/svg+xml', 'text/html', 'application/pdf'].map(async (contentType) => {
        const key = aKey();
        await storeObject(store, key, randomBytes(5), contentType);
        const url = await store.createDownloadUrl(key, { contentType, fileName: 'a', expiresAt: inSeconds(60) });
        return (await fetch(url)).headers.get('content-disposition')?.split(';')[0];
      }),
    );

    expect(dispositions).toEqual(['inline', 'attachment', 'attachment', 'attachment']);
  });

  test('lets browsers of any origin upload', async () => {
    const { url } = await store.createUploadTarget(aKey(), {
      contentType: 'text/plain',
      sizeBytes: 5,
      expiresAt: inSeconds(60),
    });

    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.org',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
      },
    });

    expect(preflight.ok).toBe(true);
    expect(preflight.headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/app\.example\.org)$/);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT');
  });

  test('is found usable', async () => {
    await expect(store.check()).resolves.toBeUndefined();
  });
}

async function readBytes(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}
