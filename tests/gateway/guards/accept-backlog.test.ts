import { request as httpRequest } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { startRunningGateway } from '../support/running-gateway.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

const blockMs = 20;
const body = JSON.stringify({ query: '{ openAlerts }' });

/** Asks over a connection of its own. @returns the status of the answer */
function askAnew(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sending = httpRequest(url, { method: 'POST', headers, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

/** Makes each turn of the event loop long. */
function hinder(): () => void {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  let isOver = false;
  const block = (): void => {
    Atomics.wait(sleeper, 0, 0, blockMs);
    if (!isOver) setImmediate(block);
  };
  block();
  return () => (isOver = true);
}

test('a process that fell behind sends away who waited too long to be accepted, and serves who comes then', async () => {
  const running = await startRunningGateway({ environment: { MAX_QUEUE_MS: '300' } });
  leftovers.defer('gateway', () => running.close());
  expect(await askAnew(running.url)).toBe(200);

  const stopHindering = hinder();
  leftovers.defer('hindering', stopHindering);
  // One is accepted a turn, so the last has waited for eighty turns.
  const statuses = await Promise.all(Array.from({ length: 80 }, () => askAnew(running.url)));
  stopHindering();

  expect(statuses.at(-1)).toBe(503);
  await eventually(async () => (await askAnew(running.url)) === 200);
}, 30_000);
