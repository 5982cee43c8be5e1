import { describe, expect, test } from '@jest/globals';
import { PushStream } from './push-stream.js';

const counting = () => {
  const calls = { count: 0 };
  return { calls, call: () => void (calls.count += 1) };
};

describe('push stream', () => {
  test('delivers in order what was pushed before and while somebody waits', async () => {
    const stream = new PushStream<number>(10, () => undefined);
    stream.push(1);
    stream.push(2);

    const values = [(await stream.next()).value, (await stream.next()).value];
    const waiting = stream.next();
    stream.push(3);

    expect([...values, (await waiting).value]).toEqual([1, 2, 3]);
  });

  test('fails a reader that falls too far behind, after what it had in time', async () => {
    const { calls, call } = counting();
    const stream = new PushStream<number>(1, call);
    stream.push(1);
    stream.push(2);

    expect((await stream.next()).value).toBe(1);
    await expect(stream.next()).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(calls.count).toBe(1);
  });

  test('return ends a waiting read at once, and ends once', async () => {
    const { calls, call } = counting();
    const stream = new PushStream<number>(1, call);
    const waiting = stream.next();

    await stream.return();
    await stream.return();

    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(calls.count).toBe(1);
  });
});
