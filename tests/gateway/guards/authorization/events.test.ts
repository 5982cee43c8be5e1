import { afterEach, expect, test } from '@jest/globals';
import { createTopic } from '../../../support/streaming-subgraph.js';
import { openRawSocket, type RawSocket } from '../../support/raw-socket.js';
import { startProtectedGraph, type ProtectedGraph, type ProtectedGraphOptions } from '../../support/protected-graph.js';
import { library } from './library.js';

const topic = createTopic<string>();
let graph: ProtectedGraph | undefined;
let socket: RawSocket | undefined;

afterEach(async () => {
  socket?.socket.close();
  await graph?.close();
});

const visits: ProtectedGraphOptions['subgraphs'] = {
  people: {
    typeDefs: library['people']?.typeDefs ?? '',
    resolvers: library['people']?.resolvers ?? {},
  },
  visits: {
    streams: true,
    typeDefs: /* GraphQL */ `
      type Subscription {
        visits: Visit!
        alarms: Int @authenticated
      }
      type Visit {
        room: String!
        card: String @authenticated
        note: String @policy(policies: [["guard"]])
        person: Person!
      }
      type Person @key(fields: "id", resolvable: false) {
        id: ID!
      }
    `,
    resolvers: {
      Subscription: {
        visits: {
          subscribe: () => topic.listen(),
          resolve: (room: string) => ({ room, card: 'card 7', note: 'by night', person: { id: 'p1' } }),
        },
        alarms: {
          async *subscribe() {
            yield { alarms: 1 };
          },
        },
      },
    },
  },
};

async function start(options: Partial<ProtectedGraphOptions> = {}): Promise<ProtectedGraph> {
  graph = await startProtectedGraph({ subgraphs: visits, ...options });
  return graph;
}

async function connect({ socketUrl, issuer }: ProtectedGraph, isKnown: boolean): Promise<RawSocket> {
  socket = await openRawSocket(socketUrl);
  await socket.initialise(isKnown ? { authorization: `Bearer ${await issuer.issue()}` } : undefined);
  return socket;
}

/** The stream is open at its subgraph some time after it was asked for; what is published before is lost. */
async function firstEvent(stream: RawSocket): Promise<unknown> {
  const timer = setInterval(() => topic.publish('hall'), 20);
  try {
    return await stream.next();
  } finally {
    clearInterval(timer);
  }
}

const query = 'subscription { visits { room card person { name email } } }';

test('events come without what the caller may not have, from whichever subgraph', async () => {
  const stream = await connect(await start(), false);

  stream.send({ id: '1', type: 'subscribe', payload: { query } });
  const event = await firstEvent(stream);

  expect(event).toMatchObject({
    payload: {
      data: { visits: { room: 'hall', card: null, person: { name: 'Ada', email: null } } },
      errors: [
        { path: ['visits', 'card'], extensions: { code: 'UNAUTHENTICATED' } },
        { path: ['visits', 'person', 'email'], extensions: { code: 'UNAUTHENTICATED' } },
      ],
    },
  });
  expect(graph?.asked('people')).not.toContain('email');
});

test('events come whole to who may have everything', async () => {
  const stream = await connect(await start(), true);

  stream.send({ id: '1', type: 'subscribe', payload: { query } });

  expect(await firstEvent(stream)).toMatchObject({
    payload: { data: { visits: { card: 'card 7', person: { email: 'ada@example.test' } } } },
  });
});

test.each(['null', 'reject'] as const)(
  'a stream whose root the caller may not have is not opened (%s)',
  async (unauthorizedFields) => {
    const stream = await connect(await start({ unauthorizedFields }), false);

    stream.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { alarms }' } });

    expect(await stream.next()).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  },
);

test('a stream with a field that the caller may not have is not opened where operations are rejected', async () => {
  const stream = await connect(await start({ unauthorizedFields: 'reject' }), false);

  stream.send({ id: '1', type: 'subscribe', payload: { query } });

  expect(await stream.next()).toMatchObject({
    type: 'error',
    payload: [{ extensions: { code: 'UNAUTHENTICATED' } }, { extensions: { code: 'UNAUTHENTICATED' } }],
  });
});

test('what is withdrawn while a stream is open is withheld from the next event on', async () => {
  let isGuard = true;
  const stream = await connect(await start({ grantPolicies: () => new Set(isGuard ? ['guard'] : []) }), true);

  stream.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { visits { room note } }' } });
  const before = await firstEvent(stream);
  isGuard = false;
  topic.publish('vault');
  let after = (await stream.next()) as { payload: { data: { visits: { room: string } } } };
  while (after.payload.data.visits.room !== 'vault') after = (await stream.next()) as typeof after;

  expect(before).toMatchObject({ payload: { data: { visits: { note: 'by night' } } } });
  expect(after).toMatchObject({
    payload: {
      data: { visits: { room: 'vault', note: null } },
      errors: [{ path: ['visits', 'note'], extensions: { code: 'FORBIDDEN' } }],
    },
  });
});

test('what is withdrawn while a stream is open ends the stream where operations are rejected', async () => {
  let isGuard = true;
  const options = { unauthorizedFields: 'reject', grantPolicies: () => new Set(isGuard ? ['guard'] : []) } as const;
  const stream = await connect(await start(options), true);

  stream.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { visits { room note } }' } });
  await firstEvent(stream);
  isGuard = false;
  topic.publish('vault');
  let last = await stream.next();
  while (last.type === 'next') last = await stream.next();

  expect(last).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'FORBIDDEN' } }] });
});
