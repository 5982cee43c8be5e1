import { beforeAll, describe, expect, test } from '@jest/globals';
import { UrlSigner } from '@tessera/storage/object-store/signed-url';
import { decodeJwt, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { createTenant, signUp, type Person } from '../e2e/people.js';
import { completeUpload, prepareUpload, type PreparedUpload } from '../e2e/uploads.js';
import { ask, send, sendBody } from '../support/graphql-client.js';
import type { LocalMode } from '../support/local-mode.js';
import { openLiveSocket } from '../support/live-socket.js';
import { readLocalSecrets, signAsAuth } from '../support/local-secrets.js';

/** Requests that make no sense, or that pretend: each gets one clear code, and nothing else of the platform minds. */
export function defineBadRequests(startedLocalMode: () => LocalMode): void {
  let local: LocalMode;
  let origin: string;
  let person: Person;
  let token: string;
  beforeAll(async () => {
    local = startedLocalMode();
    origin = local.origin;
    person = await signUp(origin, 'Berta Bad');
    token = (await createTenant(origin, person, 'Bad Requests')).accessToken;
  }, 60_000);

  describe('an operation', () => {
    test.each([
      ['that is not JSON', '{"query": "{ me { id } }"', 400, 'BAD_USER_INPUT'],
      ['that is JSON of another kind', '"{ me { id } }"', 400, 'BAD_USER_INPUT'],
      ['that does not parse', JSON.stringify({ query: '{ me { id }' }), 400, 'GRAPHQL_PARSE_FAILED'],
      ['with an unknown field', JSON.stringify({ query: '{ me { shoeSize } }' }), 400, 'GRAPHQL_VALIDATION_FAILED'],
      [
        'with an unknown input field',
        JSON.stringify({
          query:
            'mutation { signUp(input: { email: "a", password: "b", displayName: "c", shoeSize: 9 }) { user { id } } }',
        }),
        400,
        'GRAPHQL_VALIDATION_FAILED',
      ],
      [
        'with a variable of another type',
        JSON.stringify({ query: 'query ($id: ID!) { file(id: $id) { id } }', variables: { id: { a: 1 } } }),
        400,
        'BAD_USER_INPUT',
      ],
      [
        'larger than is accepted',
        JSON.stringify({ query: `{ me { id } } #${'x'.repeat(2_000_000)}` }),
        413,
        'OPERATION_TOO_LARGE',
      ],
    ])('%s is refused by its code', async (_what, body, status, code) => {
      const answer = await sendBody(origin, body, token);

      expect({ status: answer.status, code: answer.code }).toEqual({ status, code });
      expect(answer.errors).toHaveLength(1);
      expect(answer.errors?.[0]?.extensions.requestId).toEqual(expect.any(String));
    });

    test('with values that a subgraph refuses says which', async () => {
      const answer = await send(origin, {
        query: 'mutation ($input: SignUpInput!) { signUp(input: $input) { user { id } } }',
        variables: { input: { email: 'nobody', password: 'x', displayName: '' } },
      });

      expect(answer).toMatchObject({ status: 200, code: 'BAD_USER_INPUT' });
      expect(JSON.stringify(answer.errors?.[0]?.extensions.details)).toMatch(/email/);
    });
  });

  describe('a token', () => {
    const refusals: readonly (readonly [string, () => Promise<string>])[] = [
      ['that has expired', () => signAsAuth(local, decodeJwt(token), { issuedAt: '-2h', expiresAt: '-1h' })],
      [
        'signed by a key of somebody else under our key id',
        async () => {
          const { privateKey } = await generateKeyPair(headerOf(token).alg);
          return new SignJWT(decodeJwt(token)).setProtectedHeader(headerOf(token)).sign(privateKey);
        },
      ],
      ['with alg none', async () => new UnsecuredJWT(decodeJwt(token)).encode()],
      [
        'signed symmetrically with the public key',
        async () => {
          const { keys } = (await (await fetch(`${origin}/.well-known/jwks.json`)).json()) as { keys: [{ x: string }] };
          const secret = Buffer.from(keys[0].x, 'base64url');
          return new SignJWT(decodeJwt(token)).setProtectedHeader({ ...headerOf(token), alg: 'HS256' }).sign(secret);
        },
      ],
      ['whose claims were changed', async () => token.replace(/\.(.)/, (_all, first) => (first === 'e' ? '.f' : '.e'))],
      ['that is no token', async () => 'nonsense'],
    ];

    test.each(refusals)('%s is refused, over HTTP and WebSocket, never taken for nobody', async (_what, make) => {
      const forged = await make();

      const answer = await send(origin, { query: '{ me { id } }', token: forged });

      expect({ status: answer.status, code: answer.code }).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
      await expect(openLiveSocket(origin, forged)).rejects.toThrow('4403');
    });

    test('that is sound is accepted where the same maker made it', async () => {
      const made = await signAsAuth(local, decodeJwt(token), { issuedAt: '-1m', expiresAt: '1m' });

      expect(await ask(origin, { query: '{ me { id } }', token: made })).toEqual({ me: { id: person.id } });
    });

    test('does not open a subgraph that is asked without the gateway', async () => {
      const answer = await send(`http://localhost:${local.port + 1}`, { query: '{ me { id } }', token });

      expect({ status: answer.status, code: answer.code }).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    });
  });

  describe('an upload', () => {
    const bytes = Buffer.alloc(1_000, 7);
    const prepare = (): Promise<PreparedUpload> =>
      prepareUpload(origin, token, { name: 'a.bin', contentType: 'application/octet-stream', size: bytes.length });
    const put = async ({ url, method, headers }: PreparedUpload, body: Uint8Array) => {
      const response = await fetch(url, { method, headers, body: new Blob([Buffer.from(body)]) });
      const answer = (await response.json()) as { errors: [{ extensions: { code: string } }] };
      return { status: response.status, code: answer.errors[0].extensions.code };
    };
    const complete = (fileId: string) =>
      send(origin, {
        query: 'mutation ($id: ID!) { completeUpload(fileId: $id) { id } }',
        variables: { id: fileId },
        token,
      });

    test('of another length is refused, and the file is not there', async () => {
      const upload = await prepare();

      expect(await put(upload, bytes.subarray(1))).toEqual({ status: 400, code: 'BAD_USER_INPUT' });
      expect(await put(upload, Buffer.concat([bytes, bytes]))).toEqual({ status: 413, code: 'OPERATION_TOO_LARGE' });
      expect((await complete(upload.fileId)).code).toBe('PRECONDITION_FAILED');
    });

    test.each([
      ['for more bytes', (url: string) => url.replace('size=1000', 'size=2000')],
      ['for longer', (url: string) => url.replace(/expires=(\d)/, 'expires=9$1')],
      ['for another file', (url: string) => url.replace(/([0-9a-f])\?/, (_all, digit) => `${digit === '0' ? 1 : 0}?`)],
    ])('by a URL that was altered %s is refused', async (_what, alter) => {
      const upload = await prepare();

      const answer = await put({ ...upload, url: alter(upload.url) }, bytes);

      expect(answer).toEqual({ status: 403, code: 'FORBIDDEN' });
    });

    test('by a URL that has expired is refused', async () => {
      const upload = await prepare();
      const [, tenantId = '', fileId = ''] = /objects\/([^/]+)\/([^/?]+)/.exec(upload.url) ?? [];
      const { objectUrl } = await readLocalSecrets(local);
      const grant = {
        contentType: 'application/octet-stream',
        sizeBytes: bytes.length,
        expiresAt: new Date(Date.now() - 5_000),
      };
      const url = new UrlSigner([objectUrl], new URL(upload.url).origin).uploadUrl({ tenantId, fileId }, grant);

      expect(await put({ ...upload, url }, bytes)).toEqual({ status: 403, code: 'FORBIDDEN' });
    });

    test('that was refused can be done right after all', async () => {
      const upload = await prepare();
      await put(upload, bytes.subarray(1));

      const response = await fetch(upload.url, { method: upload.method, headers: upload.headers, body: bytes });

      expect(response.status).toBe(200);
      expect(await completeUpload(origin, token, upload.fileId)).toMatchObject({ status: 'READY', size: 1_000 });
    });
  });
}

function headerOf(token: string): { alg: string; kid: string; typ: string } {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
}
