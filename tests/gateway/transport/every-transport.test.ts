import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { revocationChannel } from '@tessera/service/identity';
import { createInProcessPubSubHub } from '@tessera/service/pubsub';
import type { FormattedExecutionResult } from 'graphql';
import { createLeftovers } from '../../support/leftovers.js';
import { someClaims, type TokenIssuer } from '../../support/token-issuer.js';
import { startForKnownCallers } from '../support/known-callers.js';
import type { RunningGateway } from '../support/running-gateway.js';
import { transportsFor } from '../support/transports.js';

const alerts = { query: 'subscription { alerts { status person { name } } }' };
const leftovers = createLeftovers();
const hub = createInProcessPubSubHub();
let issuer: TokenIssuer;
let running: RunningGateway;

beforeAll(async () => {
  ({ issuer, running } = await startForKnownCallers(leftovers, {
    environment: {
      PRINCIPAL_SECRET: 'a secret that gateway and subgraphs share',
      MAX_ALIASES: '2',
      MAX_LIVE_CONNECTIONS_PER_CALLER: '2',
    },
    adapters: { pubSub: hub },
  }));
});

afterAll(() => leftovers.close());

describe.each(transportsFor('query'))('a query by %s', (name, transport) => {
  test('is answered, with errors at their paths', async () => {
    const query = 'query A { openAlerts } query B($id: ID!) { person(id: $id) { name } fails }';

    const { answers } = await transport.send(running.url, { query, operationName: 'B', variables: { id: '7' } });

    expect(answers).toMatchObject([
      {
        data: { person: { name: 'Name of 7' }, fails: null },
        errors: [{ path: ['fails'], extensions: { code: 'NOT_FOUND', requestId: expect.any(String) } }],
      },
    ]);
  });

  test('runs as the caller of its token', async () => {
    const claims = someClaims();

    const { answers } = await transport.send(
      running.url,
      { query: '{ whoAmI }' },
      { authorization: `Bearer ${await issuer.issue(claims)}` },
    );

    expect(String(answers[0]?.data?.['whoAmI'])).toContain(claims.sub);
  });

  test('is refused with a token that is not valid', async () => {
    const { answers, code } = await transport.send(
      running.url,
      { query: '{ openAlerts }' },
      { authorization: 'Bearer x' },
    );

    expect(['UNAUTHENTICATED', 4403]).toContain(code);
    expect(answers[0]?.data).toBeUndefined();
  });

  test('is found by the hash of its text once it is known', async () => {
    const query = `{ openAlerts ${name.replaceAll(/\W/g, '')}: openAlerts }`;
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };

    const unknown = await transport.send(running.url, { extensions });
    const registered = await transport.send(running.url, { query, extensions });
    const known = await transport.send(running.url, { extensions });

    expect(unknown.code).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(registered.answers).toMatchObject([{ data: { openAlerts: 3 } }]);
    expect(known.answers).toEqual(registered.answers);
  });
});

describe.each(transportsFor('mutation'))('a mutation by %s', (_name, transport) => {
  test('is answered', async () => {
    const { answers } = await transport.send(running.url, {
      query: 'mutation { rename(id: "1", name: "N") { name } }',
    });

    expect(answers).toEqual([{ data: { rename: { name: 'N' } } }]);
  });
});

describe.each(transportsFor('subscription'))('a subscription by %s', (name, transport) => {
  /** Subscribes; the topic is told of new alerts until the subscriber has seen one. */
  async function begin(authorization?: string) {
    const answers: FormattedExecutionResult[] = [];
    const over = transport.send(running.url, alerts, { authorization, onAnswer: (answer) => answers.push(answer) });
    await running.subgraphs.alerts.untilStreams(1);
    return { answers, over };
  }

  test('is answered to its end', async () => {
    const { answers } = await transport.send(running.url, { query: 'subscription { countTo(last: 3) }' });

    expect(answers).toEqual([{ data: { countTo: 1 } }, { data: { countTo: 2 } }, { data: { countTo: 3 } }]);
  });

  test('is found by the hash of its text once it is known', async () => {
    const query = `subscription ${name.replaceAll(/\W/g, '')} { countTo(last: 2) }`;
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };

    const unknown = await transport.send(running.url, { extensions });
    const registered = await transport.send(running.url, { query, extensions });
    const known = await transport.send(running.url, { extensions });

    expect(unknown.code).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(registered.answers).toMatchObject([{ data: { countTo: 1 } }, { data: { countTo: 2 } }]);
    expect(known.answers).toEqual(registered.answers);
  });

  test('that exceeds a limit, or has variables that do not fit, is refused with its code', async () => {
    const tooMany = await transport.send(running.url, {
      query: 'subscription { alerts { a: status b: status c: status } }',
    });
    const unfit = await transport.send(running.url, {
      query: 'subscription ($last: Int!) { countTo(last: $last) }',
      variables: { last: 'x' },
    });

    expect(tooMany.code).toBe('OPERATION_TOO_COMPLEX');
    expect(unfit.code).toBe('BAD_USER_INPUT');
  });

  test('ends when its session is revoked', async () => {
    const claims = someClaims();
    const { over } = await begin(`Bearer ${await issuer.issue(claims)}`);

    await hub.publish(revocationChannel, { sessionIds: [claims.sid] });

    expect(['UNAUTHENTICATED', 4401]).toContain((await over).code);
    await running.subgraphs.alerts.untilStreams(0);
  });

  // As when a member is removed or has another role, or the tenant is suspended.
  test('ends soon when its caller has other rights, and may come back with a fresh token alone', async () => {
    const claims = someClaims();
    const authorization = `Bearer ${await issuer.issue(claims)}`;
    const { over } = await begin(authorization);
    const changedAtMs = performance.now();

    await hub.publish(revocationChannel, { sessionIds: [], renewed: [{ sessionId: claims.sid, rightsVersion: 2 }] });

    expect(['UNAUTHENTICATED', 4403]).toContain((await over).code);
    expect(performance.now() - changedAtMs).toBeLessThan(10_000);
    const query = 'subscription { countTo(last: 1) }';
    const late = await transport.send(running.url, { query }, { authorization });
    expect(['UNAUTHENTICATED', 4403]).toContain(late.code);
    const fresh = `Bearer ${await issuer.issue({ ...claims, rv: 2 })}`;
    const { answers } = await transport.send(running.url, { query }, { authorization: fresh });
    expect(answers).toEqual([{ data: { countTo: 1 } }]);
  });

  test('is refused to a caller who has as many connections as one may have', async () => {
    const authorization = `Bearer ${await issuer.issue()}`;
    const leaving = new AbortController();
    const held = await Promise.all(
      [1, 2].map(() =>
        fetch(running.url, {
          method: 'POST',
          headers: { authorization, accept: 'text/event-stream', 'content-type': 'application/json' },
          body: JSON.stringify(alerts),
          signal: leaving.signal,
        }),
      ),
    );

    const { code } = await transport.send(running.url, alerts, { authorization });

    expect(held.map(({ status }) => status)).toEqual([200, 200]);
    expect(['RATE_LIMITED', 1013]).toContain(code);
    leaving.abort();
    await running.subgraphs.alerts.untilStreams(0);
  });

  test('is told why its subgraph refuses', async () => {
    const refused = await transport.send(running.url, { query: 'subscription { refused }' });

    expect(refused.code).toBe('FORBIDDEN');
  });
});

// All at once: a token lives for whole seconds.
test('a subscription ends with UNAUTHENTICATED when its token expires, by whatever transport it came', async () => {
  const transports = transportsFor('subscription');

  const codes = await Promise.all(
    transports.map(async ([, transport]) => {
      const authorization = `Bearer ${await issuer.issue({}, { lifetimeSeconds: 2 })}`;
      return (await transport.send(running.url, alerts, { authorization })).code;
    }),
  );

  // A machine that is slow enough comes too late with it.
  for (const code of codes) expect(['UNAUTHENTICATED', 4403]).toContain(code);
  expect(codes).toHaveLength(transports.length);
  await running.subgraphs.alerts.untilStreams(0);
});
