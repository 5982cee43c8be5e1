import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openRawSocket } from '../../support/raw-socket.js';
import { startProtectedGraph, type ProtectedGraph } from '../../support/protected-graph.js';
import { library } from './library.js';

let graph: ProtectedGraph;

beforeAll(async () => {
  graph = await startProtectedGraph({ subgraphs: library, unauthorizedFields: 'reject' });
});

afterAll(() => graph.close());

test('an anonymous caller is told to sign in, with every place that needs it, and nothing is fetched', async () => {
  graph.asked('people');

  const answer = await graph.ask('{ person(id: "p1") { name email salary } }');

  expect(answer.status).toBe(401);
  expect(answer).not.toHaveProperty('data');
  expect(answer.errors).toMatchObject([
    { locations: [{ line: 1, column: 27 }], extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) } },
    { locations: [{ line: 1, column: 33 }], extensions: { code: 'UNAUTHENTICATED' } },
  ]);
  expect(graph.asked('people')).toBe('');
});

test('a caller who lacks a scope is refused', async () => {
  const answer = await graph.ask('{ person(id: "p1") { name salary } }', { scope: 'read' });

  expect(answer.status).toBe(403);
  expect(answer.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
});

test('an operation runs for who may have everything, and where it touches nothing protected', async () => {
  const administrator = { scope: 'admin', roles: ['LIBRARIAN'] };

  expect((await graph.ask('{ person(id: "p1") { email salary file } }', administrator)).data).toEqual({
    person: { email: 'ada@example.test', salary: 10, file: 'a thick file' },
  });
  expect((await graph.ask('{ person(id: "p1") { name } }')).data).toEqual({ person: { name: 'Ada' } });
});

test('a policy that is no role is denied where nobody decides on it', async () => {
  expect((await graph.ask('{ person(id: "p1") { file } }', { scope: 'vetted cleared' })).status).toBe(403);
});

test('the same holds on a socket', async () => {
  const socket = await openRawSocket(graph.socketUrl);
  await socket.initialise();

  socket.send({ id: '1', type: 'subscribe', payload: { query: '{ person(id: "p1") { email } }' } });

  expect(await socket.next()).toMatchObject({
    id: '1',
    type: 'error',
    payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
  socket.socket.close();
});
