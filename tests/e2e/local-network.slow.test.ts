import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ask } from '../support/graphql-client.js';
import { startLocalMode, type LocalMode } from '../support/local-mode.js';
import { linkIn, nextMailWithLink } from '../support/mail-folder.js';
import { createTenant, signUp } from './people.js';

/** An address of this machine that nobody listens on who listens for `localhost`. */
const host = '127.0.0.2';

let local: LocalMode;
beforeAll(async () => {
  local = await startLocalMode({ host });
}, 180_000);
afterAll(() => local?.remove());

test('whoever calls the machine by its name on the network signs up, uploads a file and follows links there', async () => {
  const person = await signUp(local.origin, 'Nell Network');
  const { accessToken: token } = await createTenant(local.origin, person, 'Network Ltd');
  const query = `mutation { createUpload(input: { name: "a.txt", contentType: "text/plain", size: 5 }) {
    file { id } upload { url method headers { name value } } } }`;
  const { file, upload } = (await ask(local.origin, { query, token })).createUpload;
  const headers = upload.headers.map(({ name, value }: { name: string; value: string }) => [name, value]);
  await fetch(upload.url, { method: upload.method, headers, body: 'hello' });
  const { completeUpload } = await ask(local.origin, {
    query: 'mutation ($id: ID!) { completeUpload(fileId: $id) { downloadUrl } }',
    variables: { id: file.id },
    token,
  });
  const downloaded = await fetch(completeUpload.downloadUrl);
  await ask(local.origin, { query: 'mutation { requestEmailVerification }', token });
  const askingPage = { origin: `http://${host}:5173`, 'content-type': 'application/json' };
  const asked = await fetch(`${local.origin}/graphql`, {
    method: 'POST',
    headers: askingPage,
    body: '{"query":"{ __typename }"}',
  });
  const mail = await nextMailWithLink(join(local.dataDirectory, 'mail'), person.email, '/verify-email');

  expect(new URL(completeUpload.downloadUrl).hostname).toBe(host);
  expect(await downloaded.text()).toBe('hello');
  expect(asked.headers.get('access-control-allow-origin')).toBe(askingPage.origin);
  expect(new URL(linkIn(mail)).origin).toBe(local.origin);
  expect((await fetch(linkIn(mail))).status).toBe(200);
  expect(local.output()).toContain(`${local.origin}/graphql`);
}, 60_000);

test('what is no name of a machine is refused before anything starts', async () => {
  await expect(startLocalMode({ host: 'http://192.168.1.20/' })).rejects.toThrow(/--host takes a name or an address/);
}, 60_000);
