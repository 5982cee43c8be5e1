import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { startRunningGateway } from '../support/running-gateway.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

const blockMs = 20;
const body = JSON.stringify({ query: '{ openAlerts }' });
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };

/** Asks over a connection of its own. @returns the status of the answer */
function askAnew(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest(url, { method: 'POST', headers, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

/** Asks, and leaves as soon as the request has been sent. */
async function askInVain(url: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /graphql HTTP/1.1\r\nhost: gateway\r\n${head.join('')}\r\n${body}`, () => socket.destroy());
  await once(socket, 'close');
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

const times = <Result>(count: number, act: () => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, act));

test('a process that fell behind sends away who may have given up, and serves who comes then', async () => {
  const running = await startRunningGateway({ environment: { MAX_QUEUE_MS: '300' } });
  leftovers.defer('gateway', () => running.close());
  expect(await askAnew(running.url)).toBe(200);

  const stopHindering = hinder();
  leftovers.defer('hindering', stopHindering);
  // One is accepted a turn: the last has waited for a hundred turns, behind those who have left.
  await times(80, () => askInVain(running.url));
  const statuses = await times(20, () => askAnew(running.url));
  stopHindering();

  expect(statuses.at(-1)).toBe(503);
  await eventually(async () => (await askAnew(running.url)) === 200);
}, 30_000);

test('a process that fell behind serves all who are patient', async () => {
  const running = await startRunningGateway({ environment: { MAX_QUEUE_MS: '300' } });
  leftovers.defer('gateway', () => running.close());
  expect(await askAnew(running.url)).toBe(200);

  const stopHindering = hinder();
  leftovers.defer('hindering', stopHindering);
  const statuses = await times(40, () => askAnew(running.url));
  stopHindering();

  expect(new Set(statuses)).toEqual(new Set([200]));
}, 30_000);
