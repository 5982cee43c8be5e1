import { expect, test } from '@jest/globals';
import { startAlerting } from '../support/alerting.js';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway } from '../support/running-gateway.js';

test('instances of a subgraph share the work, and one that dies is not missed', async () => {
  const [first, second] = [await startAlerting(), await startAlerting()];
  const running = await startRunningGateway({
    subgraphUrls: new Map([
      ['people', [first.people.url, second.people.url]],
      ['alerts', [first.alerts.url, second.alerts.url]],
    ]),
  });
  try {
    const ask = () => running.post({ query: '{ people { id } openAlerts }' });
    for (let time = 0; time < 4; time += 1) await ask();
    expect(first.people.requests).toHaveLength(2);
    expect(second.people.requests).toHaveLength(2);

    await first.people.close();
    await first.alerts.close();
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    const mutation = await running.post({ query: 'mutation { rename(id: "1", name: "n") { name } }' });
    const socket = await openRawSocket(running.socketUrl);
    await socket.initialise();
    socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { countTo(last: 1) }' } });

    for (const { body } of answers) expect(body.errors).toBeUndefined();
    expect(mutation.body.errors).toBeUndefined();
    expect(await socket.next()).toMatchObject({ type: 'next', payload: { data: { countTo: 1 } } });
    expect(await (await fetch(`${running.origin}/ready`)).json()).toMatchObject({ status: 'ready' });
    socket.socket.close();
  } finally {
    await running.close();
    await Promise.all([first.close(), second.close()]);
  }
});
