import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { revocationChannel } from '@tessera/service/identity';
import { createInProcessPubSubHub } from '@tessera/service/pubsub';
import { eventually } from '../../support/eventually.js';
import { someClaims, startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const hub = createInProcessPubSubHub();
let issuer: TokenIssuer;
let running: RunningGateway;

beforeAll(async () => {
  issuer = await startTokenIssuer();
  running = await startRunningGateway({
    environment: { JWKS_URL: issuer.jwksUrl, PRINCIPAL_SECRET: 'a secret that gateway and subgraphs share' },
    adapters: { pubSub: hub },
  });
});

afterAll(async () => {
  await running.close();
  await issuer.close();
});

const ask = (token: string) => running.post({ query: '{ whoAmI }' }, { authorization: `Bearer ${token}` });

describe('a revoked session', () => {
  test('is refused at once, though its token was verified before', async () => {
    const claims = someClaims();
    const token = await issuer.issue(claims);
    expect((await ask(token)).status).toBe(200);

    await hub.publish(revocationChannel, { sessionIds: [claims.sid] });

    await eventually(async () => (await ask(token)).code === 'UNAUTHENTICATED', 1_000);
  });

  test('that has other rights now is refused for its old tokens alone', async () => {
    const claims = someClaims();
    const before = await issuer.issue(claims);
    expect((await ask(before)).status).toBe(200);

    await hub.publish(revocationChannel, { sessionIds: [], renewed: [{ sessionId: claims.sid, rightsVersion: 2 }] });

    await eventually(async () => (await ask(before)).code === 'UNAUTHENTICATED', 1_000);
    expect((await ask(await issuer.issue({ ...claims, rv: 1 }))).code).toBe('UNAUTHENTICATED');
    expect((await ask(await issuer.issue({ ...claims, rv: 2 }))).status).toBe(200);
  });

  test('loses its open sockets within a second, and no other session does', async () => {
    const claims = someClaims();
    const [revoked, other] = [await openRawSocket(running.socketUrl), await openRawSocket(running.socketUrl)];
    await revoked.initialise({ Authorization: `Bearer ${await issuer.issue(claims)}` });
    await other.initialise({ authorization: `Bearer ${await issuer.issue()}` });
    const startedAtMs = performance.now();

    await hub.publish(revocationChannel, { sessionIds: [claims.sid] });

    expect((await revoked.closed).code).toBe(4401);
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
    other.send({ id: '1', type: 'subscribe', payload: { query: '{ openAlerts }' } });
    expect((await other.next()).type).toBe('next');
    other.socket.close();
  });
});
