import { expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { startAlerting } from '../support/alerting.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway } from '../support/running-gateway.js';

test('streams go to the instance that holds fewer of them, and those of one that dies go on at another', async () => {
  const [first, second] = [await startAlerting(), await startAlerting()];
  const running = await startRunningGateway({
    environment: { DEDUPLICATE_SUBSCRIPTIONS: 'false' },
    subgraphUrls: new Map([
      ['people', [first.people.url]],
      ['alerts', [first.alerts.url, second.alerts.url]],
    ]),
  });
  try {
    const socket = await openRawSocket(running.socketUrl);
    await socket.initialise();
    const subscribe = (id: number): void =>
      socket.send({ id: String(id), type: 'subscribe', payload: { query: 'subscription { alerts { status } }' } });

    for (let id = 1; id <= 10; id += 1) subscribe(id);
    await first.alerts.untilStreams(5);
    await second.alerts.untilStreams(5);
    for (const id of [1, 2, 3, 4]) socket.send({ id: String(id), type: 'complete' });
    await eventually(() => first.alerts.openStreams() + second.alerts.openStreams() === 6);
    for (let id = 11; id <= 14; id += 1) subscribe(id);
    await eventually(() => first.alerts.openStreams() + second.alerts.openStreams() === 10);
    expect(first.alerts.openStreams()).toBe(5);
    expect([first, second].map(({ alerts }) => alerts.connections.length)).toEqual([1, 1]);

    await first.alerts.close();
    await second.alerts.untilStreams(10);
    subscribe(15);
    await second.alerts.untilStreams(11);
    second.alertTopic.publish({ status: 'FIRING', userId: 'a' });
    const received = await Promise.all(Array.from({ length: 11 }, () => socket.next()));
    expect(received.every(({ type }) => type === 'next')).toBe(true);
    socket.socket.close();
  } finally {
    await running.close();
    await Promise.all([first.close(), second.close()]);
  }
});
