import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { anonymousPrincipal } from '@tessera/service/identity';
import type { FormattedExecutionResult } from 'graphql';
import type { RequestContext } from '../context.js';
import { EventQueue } from './event-queue.js';
import type { AnswerGroupOptions } from './group-stream.js';
import type { SharedAnswer } from './shared-answer.js';
import { SharedStream } from './shared-stream.js';
import type { StreamObserver } from './stream-observer.js';
import type { Subscriber } from './subscriber.js';

const nothing = (): void => undefined;

const observer: StreamObserver = {
  opened: nothing,
  closed: nothing,
  upstreamOpened: nothing,
  upstreamClosed: nothing,
  upstreamReopened: nothing,
  received: nothing,
  delivered: nothing,
  taken: nothing,
  replaced: nothing,
  fellBehind: nothing,
};

const context: RequestContext = {
  requestId: 'r',
  traceparent: '',
  beginsTrace: false,
  principal: anonymousPrincipal,
  encodedPrincipal: '',
  clientName: 'test',
  clientVersion: '1',
  signal: new AbortController().signal,
};

function open(after?: string) {
  let order = 0;
  const closed: string[] = [];
  const stream = new SharedStream(context, {
    key: 'k',
    after,
    keepsLatest: false,
    maxRecentEvents: 256,
    open: () => ({ close: () => void closed.push('closed') }),
    nextOrder: () => (order += 1),
    observer,
    onOver: nothing,
    onMoved: nothing,
  });
  const push = (...numbers: number[]): void => {
    for (const number of numbers) {
      stream.push({ kind: 'event', event: { data: { number }, extensions: { eventId: String(number) } } });
    }
  };
  return { stream, push, closed };
}

/** Completes events when it is told to. */
function held() {
  const waiting: (() => void)[] = [];
  const options: AnswerGroupOptions = {
    complete: (event) =>
      new Promise<FormattedExecutionResult>((resolve) => waiting.push(() => resolve({ data: event.data ?? null }))),
    eventTimeoutMs: 60_000,
    maxBufferedEvents: 100,
    keepsLatest: false,
    observer,
  };
  return {
    options,
    async release() {
      while (waiting.length > 0) {
        for (const complete of waiting.splice(0)) complete();
        await turn();
      }
    },
  };
}

function subscribe(after = 0): { readonly subscriber: Subscriber; readonly numbers: () => Promise<unknown[]> } {
  const queue = new EventQueue<SharedAnswer>(
    { maxItems: 100, maxBytes: 100_000, keepsLatest: false, onReplaced: nothing, onTaken: nothing },
    { fellBehind: nothing },
  );
  const numbers = async (): Promise<unknown[]> => {
    queue.finish();
    const taken: unknown[] = [];
    for (let result = await queue.next(); result.done !== true; result = await queue.next()) {
      taken.push(result.value.answer.data?.['number']);
    }
    return taken;
  };
  const subscriber = {
    context,
    queue,
    wantsBeginning: false,
    after,
    until: Number.POSITIVE_INFINITY,
    group: undefined,
  };
  return { subscriber, numbers };
}

test('who moves from one answer to another gets each event by one of them, whatever is under way in both', async () => {
  const { stream, push } = open();
  const [before, after] = [held(), held()];
  const [moving, there] = [subscribe(), subscribe()];
  stream.join('before', moving.subscriber, before.options);
  stream.join('after', there.subscriber, after.options);
  push(1, 2, 3);

  const moved = subscribe(stream.lastOrder);
  stream.join('after', moved.subscriber, after.options);
  moving.subscriber.group?.release(moving.subscriber);
  push(4, 5);
  await after.release();
  await before.release();

  expect(await moving.numbers()).toEqual([1, 2, 3]);
  expect(await moved.numbers()).toEqual([4, 5]);
  expect(await there.numbers()).toEqual([1, 2, 3, 4, 5]);
});

test('a stream takes over who listens to another one that has come to where it was', async () => {
  const [late, first] = [open('2'), open('5')];
  const { options, release } = held();
  const [behind, watching] = [subscribe(), subscribe()];
  first.stream.join('a', watching.subscriber, options);
  late.stream.join('a', behind.subscriber, options, '2');
  late.push(3, 4, 5);
  first.push(6, 7);
  await release();

  first.stream.adopt(late.stream);
  await release();
  first.push(8);
  await release();

  expect(late.closed).toEqual(['closed']);
  expect(await behind.numbers()).toEqual([3, 4, 5, 6, 7, 8]);
  expect(await watching.numbers()).toEqual([6, 7, 8]);
});

test('an event that a subgraph sends again is told once', async () => {
  const { stream, push } = open('1');
  const { options, release } = held();
  const watching = subscribe();
  stream.join('a', watching.subscriber, options);

  push(1, 2, 3);
  push(2, 3, 4);
  await release();

  expect(await watching.numbers()).toEqual([2, 3, 4]);
});

test('what is long past is not kept: who was there needs a stream of its own', () => {
  const { stream, push } = open('0');
  push(...Array.from({ length: 300 }, (_, index) => index + 1));

  expect(stream.knows('0')).toBe(false);
  expect(stream.knows('43')).toBe(false);
  expect(stream.knows('44')).toBe(true);
  expect(stream.knows('300')).toBe(true);
});
