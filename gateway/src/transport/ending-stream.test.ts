import { expect, test } from '@jest/globals';
import { EndingStream } from './ending-stream.js';
import type { Ended, Failure, Take } from './pour-stream.js';

const done = { done: true, value: undefined };

/** Two items, and then what it ends with. */
class Numbers extends EndingStream<number> {
  readonly told: unknown[] = [];
  readonly #failure: Failure | undefined;
  #next = 1;

  constructor(failure?: Failure) {
    super();
    this.#failure = failure;
    this.observe((ending) => this.told.push(['first', ending?.error]));
    this.observe((ending) => this.told.push(['second', ending?.error]));
  }

  protected override async pull(): Promise<IteratorResult<number, void>> {
    if (this.#next <= 2) return { done: false, value: this.#next++ };
    if (this.#failure !== undefined) throw this.#failure.error;
    return { done: true, value: undefined };
  }

  protected override pourOut(take: Take<number>, ended: Ended): void {
    for (; this.#next <= 2; this.#next += 1) void take(this.#next);
    ended(this.#failure);
  }

  protected override close(): void {
    this.told.push('closed');
  }
}

const over = ['closed', ['first', undefined], ['second', undefined]];

test('its end is told once to all who watch, in their order, whichever way it is read', async () => {
  const [read, poured, left] = [new Numbers(), new Numbers(), new Numbers()];
  const taken: number[] = [];

  for await (const number of read) taken.push(number);
  poured.pour(
    (number) => void taken.push(number),
    (ending) => taken.push(ending === undefined ? 3 : 0),
  );
  await left.next();
  await left.return();
  await left.return();

  expect(taken).toEqual([1, 2, 1, 2, 3]);
  for (const stream of [read, poured, left]) {
    expect(stream.told).toEqual(over);
    expect(stream.isOver).toBe(true);
    expect(await stream.next()).toEqual(done);
  }
});

test('what failed is told to who reads and to who watches', async () => {
  const error = new Error('lost');
  const [read, poured] = [new Numbers({ error }), new Numbers({ error })];
  const endings: unknown[] = [];

  for (const number of [1, 2]) expect(await read.next()).toEqual({ done: false, value: number });
  await expect(read.next()).rejects.toThrow('lost');
  poured.pour(
    () => undefined,
    (ending) => endings.push(ending?.error),
  );

  expect(endings).toEqual([error]);
  for (const { told } of [read, poured]) expect(told).toEqual(['closed', ['first', error], ['second', error]]);
});

test('who watches or pours what is over already is told so at once', async () => {
  const stream = new Numbers();
  await stream.return();
  const told: string[] = [];

  stream.observe(() => told.push('watched'));
  stream.pour(
    () => undefined,
    () => told.push('poured'),
  );

  expect(told).toEqual(['watched', 'poured']);
});
