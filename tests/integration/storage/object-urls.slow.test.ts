import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { aUser } from '../../support/subgraph-harness.js';
import {
  createUpload,
  listObjects,
  sendBytes,
  startStorage,
  storeFile,
  type CreatedUpload,
  type StorageHarness,
} from './storage-harness.js';

let harness: StorageHarness;

beforeAll(async () => {
  harness = await startStorage();
}, 60_000);

afterAll(() => harness.stop());

const aMember = () => aUser({ tenantId: randomUUID() });

async function codeOf(response: Response): Promise<string> {
  const { errors } = (await response.json()) as {
    readonly errors: { readonly extensions: { readonly code: string } }[];
  };
  return errors[0]?.extensions.code ?? 'none';
}

function changed(url: string, name: string, value: string): string {
  const copy = new URL(url);
  copy.searchParams.set(name, value);
  return copy.href;
}

/** Sends a request by hand, where `fetch` would put its headers right. */
async function sendRaw(
  { url, method }: CreatedUpload['upload'],
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
): Promise<{ readonly status: number | undefined; readonly code: string | undefined }> {
  const sending = request(url, { method, headers });
  sending.end(body);
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  const text = (await response.setEncoding('utf8').toArray()).join('');
  const parsed = JSON.parse(text) as { readonly errors: { readonly extensions: { readonly code: string } }[] };
  return { status: response.statusCode, code: parsed.errors[0]?.extensions.code };
}

describe('an upload URL', () => {
  test.each<[string, number, Record<string, string>, string]>([
    ['more bytes', 6, {}, 'OPERATION_TOO_LARGE'],
    ['fewer bytes', 4, {}, 'BAD_USER_INPUT'],
    ['bytes of another type', 5, { 'content-type': 'text/html' }, 'BAD_USER_INPUT'],
    ['compressed bytes', 5, { 'content-encoding': 'gzip' }, 'BAD_USER_INPUT'],
    ['5 MB in place of 5 bytes', 5_000_000, {}, 'OPERATION_TOO_LARGE'],
  ])('does not take %s', async (_name, size, headers, code) => {
    const { upload } = await createUpload(harness, aMember(), { size: 5 });

    const response = await sendBytes(upload, new Uint8Array(size), headers);

    expect(await codeOf(response)).toBe(code);
  });

  test('does not take bytes without a length', async () => {
    const { upload } = await createUpload(harness, aMember(), { size: 5 });
    const headers = { 'content-type': 'application/octet-stream', 'transfer-encoding': 'chunked' };

    const answer = await sendRaw(upload, headers, new Uint8Array(5));

    expect(answer).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
  });

  test.each([
    ['type', 'text/html', 'FORBIDDEN'],
    ['size', '6', 'FORBIDDEN'],
    ['expires', '9999999999', 'FORBIDDEN'],
    ['signature', 'x', 'FORBIDDEN'],
    ['size', 'many', 'BAD_USER_INPUT'],
    ['more', '1', 'BAD_USER_INPUT'],
  ])('is refused with another %s (%s)', async (name, value, code) => {
    const { upload } = await createUpload(harness, aMember(), { size: 5 });

    const response = await sendBytes({ ...upload, url: changed(upload.url, name, value) }, new Uint8Array(5));

    expect(await codeOf(response)).toBe(code);
  });

  test('is refused with one parameter twice', async () => {
    const { upload } = await createUpload(harness, aMember(), { size: 5 });

    const response = await sendBytes({ ...upload, url: `${upload.url}&size=6` }, new Uint8Array(5));

    expect(await codeOf(response)).toBe('BAD_USER_INPUT');
  });

  test.each(['..%2f..%2fetc', '%2e%2e', '%252e%252e%252f', '..%5c..', 'a%00b'])(
    'cannot lead out of its folder by %s',
    async (part) => {
      const { upload } = await createUpload(harness, aMember(), { size: 5 });
      const url = upload.url.replace(/objects\/[^/]+/, `objects/${part}`);

      const response = await sendBytes({ ...upload, url }, new Uint8Array(5));

      expect([400, 404]).toContain(response.status);
    },
  );

  test('is of no use once the upload is there, completed or deleted', async () => {
    const caller = aMember();
    const { file, upload } = await createUpload(harness, caller, { size: 5 });
    await sendBytes(upload, Buffer.from('first'));

    const repeated = await codeOf(await sendBytes(upload, Buffer.from('other')));
    await harness.request(caller, 'mutation ($id: ID!) { completeUpload(fileId: $id) { id } }', file);
    const afterCompletion = await codeOf(await sendBytes(upload, Buffer.from('other')));
    await harness.request(caller, 'mutation ($id: ID!) { deleteFile(id: $id) { id } }', file);
    const afterDeletion = await codeOf(await sendBytes(upload, Buffer.from('other')));

    expect(repeated).toBe('CONFLICT');
    expect([afterCompletion, afterDeletion]).toEqual(['PRECONDITION_FAILED', 'PRECONDITION_FAILED']);
    expect(await listObjects(harness)).not.toContain(file.id);
  });

  test('leaves nothing in the folder when its client goes away half-way', async () => {
    const { file, upload } = await createUpload(harness, aMember(), { size: 1_000_000 });
    const headers = { 'content-type': 'application/octet-stream', 'content-length': '1000000' };
    const sending = request(upload.url, { method: upload.method, headers }).on('error', () => undefined);
    const isThere = async () => (await listObjects(harness)).some((name) => name.startsWith(file.id));
    sending.write(randomBytes(500_000));
    await eventually(isThere);
    sending.destroy();

    await eventually(async () => !(await isThere()));

    const again = await sendBytes(upload, randomBytes(1_000_000));
    expect(again.status).toBe(200);
  });
});

describe('a download URL', () => {
  async function urlOf(
    contentType: string,
    body: Uint8Array<ArrayBuffer> = Buffer.from('0123456789'),
  ): Promise<string> {
    const caller = aMember();
    const id = await storeFile(harness, caller, { body, contentType, name: 'Über “uns”.txt' });
    const answer = await harness.request(caller, 'query ($id: ID!) { file(id: $id) { downloadUrl } }', { id });
    return answer.data.file.downloadUrl;
  }

  test('lets no browser run what it gives', async () => {
    const { headers } = await fetch(await urlOf('image/svg+xml'));

    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/svg+xml',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': `attachment; filename="_ber _uns_.txt"; filename*=UTF-8''%C3%9Cber%20%E2%80%9Cuns%E2%80%9D.txt`,
      'access-control-allow-origin': '*',
    });
  });

  test('answers HEAD without the bytes', async () => {
    const response = await fetch(await urlOf('text/plain'), { method: 'HEAD' });

    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '10', '']);
  });

  test.each([
    ['the tag', (tag: string) => tag, 304],
    ['a list of tags, weak ones too,', (tag: string) => `"other", W/${tag}`, 304],
    ['any tag', () => '*', 304],
    ['another tag', () => '"other"', 200],
    ['what is no tag', (tag: string) => tag.replaceAll('"', ''), 200],
  ])('answers who has what %s names in GET and HEAD', async (_what, nameOf, status) => {
    const url = await urlOf('text/plain');
    const { headers } = await fetch(url);
    const conditional = { 'if-none-match': nameOf(headers.get('etag') ?? '') };

    const answers = [
      await fetch(url, { headers: conditional }),
      await fetch(url, { method: 'HEAD', headers: conditional }),
    ];

    for (const answer of answers) {
      expect(answer.status).toBe(status);
      expect(answer.headers.get('etag')).toBe(headers.get('etag'));
      expect(answer.headers.get('cache-control')).toMatch(/^private, max-age=\d+$/);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
  });

  test('may be asked by pages of any origin what they have already, and which part they lack', async () => {
    const preflight = await fetch(await urlOf('text/plain'), {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.example.org',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'if-none-match,if-range,range',
      },
    });

    const names = (header: string) => (preflight.headers.get(header) ?? '').split(', ');
    expect(names('access-control-allow-headers')).toEqual(
      expect.arrayContaining(['if-none-match', 'if-range', 'range']),
    );
    expect(names('access-control-expose-headers')).toEqual(
      expect.arrayContaining(['accept-ranges', 'content-range', 'etag']),
    );
  });

  test.each([
    ['the tag', (tag: string) => tag, 206, '56789'],
    ['another tag', () => '"other"', 200, '0123456789'],
    ['a weak tag', (tag: string) => `W/${tag}`, 200, '0123456789'],
    ['a time', () => new Date().toUTCString(), 200, '0123456789'],
  ])('answers who has a part of what %s names with what fits it', async (_what, ifRangeOf, status, text) => {
    const url = await urlOf('text/plain');
    const { headers } = await fetch(url);
    const conditional = { range: 'bytes=5-', 'if-range': ifRangeOf(headers.get('etag') ?? '') };

    const response = await fetch(url, { headers: conditional });

    expect([response.status, await response.text()]).toEqual([status, text]);
  });

  test.each([
    ['bytes=0-0', 206, '0'],
    ['bytes=7-', 206, '789'],
    ['bytes=-20', 206, '0123456789'],
    ['bytes=3-999', 206, '3456789'],
    ['bytes=5-2', 200, '0123456789'],
    ['bytes=0-1,3-4', 200, '0123456789'],
    ['lines=1-2', 200, '0123456789'],
  ])('answers the range %s with status %i', async (range, status, text) => {
    const response = await fetch(await urlOf('text/plain'), { headers: { range } });

    expect([response.status, await response.text()]).toEqual([status, text]);
  });

  test.each(['bytes=0-', 'bytes=0-99', 'bytes=-5'])(
    'gives all of an empty file also for the range %s',
    async (range) => {
      const response = await fetch(await urlOf('text/plain', new Uint8Array(0)), { headers: { range } });

      expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '0', '']);
    },
  );

  test('is good for as long as was asked, within limits', async () => {
    const caller = aMember();
    const id = await storeFile(harness, caller, { body: Buffer.from('x') });
    const ask = (seconds: number) =>
      harness.request(caller, `query ($id: ID!) { file(id: $id) { downloadUrl(expiresInSeconds: ${seconds}) } }`, {
        id,
      });

    const [short, none, long] = await Promise.all([ask(1), ask(0), ask(86_401)]);

    expect([none, long].map(({ errors }) => errors?.[0]?.extensions.code)).toEqual([
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
    ]);
    await eventually(async () => (await codeOf(await fetch(short.data.file.downloadUrl))) === 'FORBIDDEN');
  });

  test('keeps being served while its file is deleted', async () => {
    const caller = aMember();
    const body = randomBytes(8 * 1024 ** 2);
    const id = await storeFile(harness, caller, { body });
    const { data } = await harness.request(caller, 'query ($id: ID!) { file(id: $id) { downloadUrl } }', { id });
    const response = await fetch(data.file.downloadUrl);
    await harness.request(caller, 'mutation ($id: ID!) { deleteFile(id: $id) { id } }', { id });

    expect(Buffer.from(await response.arrayBuffer()).equals(body)).toBe(true);
  });
});
