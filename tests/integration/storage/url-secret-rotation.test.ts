import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../support/free-port.js';
import { aUser, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { createUpload, sendBytes, startStorage, storeFile, type StorageHarness } from './storage-harness.js';

const former = 'the-secret-that-signed-the-urls-until-now';
const next = 'the-secret-that-takes-the-place-of-that-one';

type Instance = Pick<SubgraphHarness, 'request'> & { readonly origin: string };

let harness: StorageHarness;
/** Instances of the steps of a rotation, on the same files. */
let accepting: Instance;
let switched: Instance;
let done: Instance;

beforeAll(async () => {
  harness = await startStorage({ OBJECT_URL_SECRET: former });
  const start = async (OBJECT_URL_SECRET: string): Promise<Instance> => {
    const PORT = String(await freePort());
    const origin = `http://127.0.0.1:${PORT}`;
    return { ...(await harness.startAnother({ OBJECT_URL_SECRET, PORT, PUBLIC_URL: origin })), origin };
  };
  [accepting, switched, done] = [await start(`${former},${next}`), await start(`${next},${former}`), await start(next)];
}, 60_000);

afterAll(() => harness.stop());

const user = aUser({ tenantId: randomUUID() });

const at = (url: string, { origin }: Instance): string => url.replace(new URL(url).origin, origin);

async function downloadUrl(instance: Pick<SubgraphHarness, 'request'>, id: string): Promise<string> {
  const answer = await instance.request(user, 'query ($id: ID!) { file(id: $id) { downloadUrl } }', { id });
  return answer.data.file.downloadUrl;
}

describe('while the secret of the file-system store is replaced', () => {
  test('URLs of either secret upload and download at every instance that accepts it', async () => {
    const body = randomBytes(100);
    const { upload } = await createUpload(harness, user, { size: body.length });
    expect((await sendBytes({ ...upload, url: at(upload.url, switched) }, body)).ok).toBe(true);

    const id = await storeFile(harness, user, { body });
    const ofFormer = await downloadUrl(accepting, id);
    const ofNext = await downloadUrl(switched, id);
    for (const url of [ofFormer, ofNext]) {
      for (const instance of [accepting, switched]) {
        const response = await fetch(at(url, instance));
        expect(Buffer.from(await response.arrayBuffer())).toEqual(body);
      }
    }
    expect((await fetch(at(ofNext, done))).status).toBe(200);
  });

  test('URLs of a secret that was dropped, or is not accepted yet, are refused', async () => {
    const id = await storeFile(harness, user, { body: randomBytes(100) });

    expect((await fetch(at(await downloadUrl(accepting, id), done))).status).toBe(403);
    expect((await fetch(at(await downloadUrl(switched, id), { ...harness, origin: harness.url }))).status).toBe(403);
  });
});
