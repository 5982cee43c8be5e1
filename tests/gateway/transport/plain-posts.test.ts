import { afterEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import {
  atOnce,
  get,
  post,
  connectClient,
  startPlainPosts,
  type PlainPostServer,
  type Serve,
} from '../support/plain-post-server.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

const aServer = (serve?: Serve | 'by Node', restTimeoutMs?: number) => startPlainPosts(leftovers, serve, restTimeoutMs);
const aClient = (server: PlainPostServer) => connectClient(leftovers, server);

test('one POST after the other is read here', async () => {
  const client = await aClient(await aServer());

  await client.send(post('one'));
  await client.bodies(1);
  await client.send(post('two'));

  expect(await client.bodies(2)).toEqual(['plain one', 'plain two']);
});

describe('an answer goes out as it is', () => {
  test.each<readonly [what: string, body: string | Buffer]>([
    ['short', 'a'],
    ['long', 'a'.repeat(100_000)],
    ['beyond ASCII', 'Zoë ✓'],
    ['long and beyond ASCII', 'Zoë ✓'.repeat(10_000)],
    ['in bytes', Buffer.from('Zoë ✓')],
  ])('%s', async (_what, body) => {
    const expected = Buffer.from(body);
    const head = `HTTP/1.1 200 OK\r\ncontent-length: ${expected.length}\r\n\r\n`;
    const client = await aClient(
      await aServer((_post, connection) => connection.answer(head, body, expected.length, false)),
    );

    await client.send(post('one'));

    await eventually(() => client.received().length >= head.length + expected.length);
    expect(client.received()).toBe(head + expected.toString('latin1'));
  });
});

test('with anything else a connection becomes one of Node, for good', async () => {
  const client = await aClient(await aServer());

  await client.send(post('one'));
  await client.bodies(1);
  await client.send(get);
  await client.bodies(2);
  await client.send(post('three'));

  expect(await client.bodies(3)).toEqual(['plain one', 'node ', 'node three']);
});

describe('a POST that comes in two pieces is read here', () => {
  const whole = post('all-of-it');

  test.each([1, 20, whole.indexOf('\r\n\r\n') + 1, whole.indexOf('\r\n\r\n') + 4, whole.length - 1])(
    'cut after %d bytes',
    async (length) => {
      const client = await aClient(await aServer());

      await client.send(whole.slice(0, length));
      await client.send(whole.slice(length));

      expect(await client.bodies(1)).toEqual(['plain all-of-it']);
    },
  );
});

test('one after the other may come in pieces', async () => {
  const client = await aClient(await aServer());

  for (const [index, name] of ['one', 'two', 'three'].entries()) {
    await client.send(post(name).slice(0, 30));
    await client.send(post(name).slice(30));
    await client.bodies(index + 1);
  }

  expect(await client.bodies(3)).toEqual(['plain one', 'plain two', 'plain three']);
});

test('a POST whose rest does not come soon is read by Node', async () => {
  const server = await aServer(atOnce, 1);
  const client = await aClient(server);
  await client.send(post('one').slice(0, -1));

  // Node has no timer for it of that kind.
  await eventually(() => server.accepted[0]?.timeout === 0);
  await client.send('e');

  expect(await client.bodies(1)).toEqual(['node one']);
});

test('a POST in many small pieces is read by Node', async () => {
  const body = 'a'.repeat(20);
  const client = await aClient(await aServer());

  await client.send(post(body).slice(0, -body.length));
  for (const letter of body) await client.send(letter);

  expect(await client.bodies(1)).toEqual([`node ${body}`]);
});

test('a long POST in pieces is read by Node', async () => {
  const body = 'a'.repeat(200_000);
  const client = await aClient(await aServer());

  await client.send(post(body).slice(0, -1));
  await client.send('a');

  expect(await client.bodies(1)).toEqual([`node ${body}`]);
});

test('several POSTs at once are answered in their order', async () => {
  const client = await aClient(await aServer());

  await client.send(post('one') + post('two') + post('three'));

  expect(await client.bodies(3)).toEqual(['node one', 'node two', 'node three']);
});

describe('who says something doubtful hears what Node says about it', () => {
  test.each([
    ['two lengths', post('{}', 'content-length: 3')],
    ['a length and chunks', post('0\r\n\r\n', 'transfer-encoding: chunked')],
    ['a length that is none', post('{}').replace('length: 2', 'length: +2')],
    ['a line feed alone', post('{}', 'x-a: 1\nx-b: 2')],
    ['a line that goes on', post('{}', 'x-a: 1', ' 2')],
    ['a space before the colon', post('{}', 'x-a : 1')],
    ['no host', post('{}').replace('host: a\r\n', '')],
    ['no HTTP', 'hello\r\n\r\n'],
    ['a head that is too long', post('{}', `x-a: ${'a'.repeat(20_000)}`)],
  ])('%s', async (_what, request) => {
    const [ours, nodes] = [await aServer(), await aServer('by Node')];
    const [client, clientOfNode] = [await aClient(ours), await aClient(nodes)];

    client.socket.write(request);
    clientOfNode.socket.write(request);

    expect(await client.statusLine()).toBe(await clientOfNode.statusLine());
    expect(client.received()).not.toContain('plain');
  });
});

test('what is given back is read by Node', async () => {
  const client = await aClient(await aServer((_post, connection) => connection.handOver()));

  await client.send(post('one'));

  expect(await client.bodies(1)).toEqual(['node one']);
});
