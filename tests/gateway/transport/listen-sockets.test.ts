import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { Agent, request } from 'undici';
import { freePort } from '../../support/free-port.js';
import { createLeftovers } from '../../support/leftovers.js';
import { startRunningGateway } from '../support/running-gateway.js';

const body = JSON.stringify({ query: '{ openAlerts }' });
const headers = { 'content-type': 'application/json' };

async function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

test('a port with several sockets serves all who connect, is taken for others, and closes with all of them', async () => {
  const leftovers = createLeftovers();
  try {
    const environment = { PORT: String(await freePort()), LISTEN_SOCKETS: '8' };
    const running = await startRunningGateway({ environment });
    leftovers.defer('gateway', () => running.close());
    const kept = new Agent({ connections: 1 });
    leftovers.defer('kept connection', () => kept.destroy());

    const statuses = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const agent = new Agent({ connections: 1 });
        const { statusCode, body: answer } = await request(running.url, {
          method: 'POST',
          headers,
          body,
          dispatcher: agent,
        });
        await answer.dump();
        await agent.close();
        return statusCode;
      }),
    );
    const second = startRunningGateway({ environment });

    expect(statuses).toEqual(Array.from({ length: 40 }, () => 200));
    await expect(second).rejects.toThrow(/^Port \d+ is in use/);

    const answer = await request(running.url, { method: 'POST', headers, body, dispatcher: kept });
    await answer.body.dump();
    await running.gateway.stop();
    for (let attempt = 0; attempt < 20; attempt += 1) expect(await isOpen(running.gateway.port)).toBe(false);
  } finally {
    await leftovers.close();
  }
}, 30_000);
