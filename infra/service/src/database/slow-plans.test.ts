import { describe, expect, test } from '@jest/globals';
import { MikroORM } from '@mikro-orm/postgresql';
import { SlowPlans } from './slow-plans.js';

const text = 'select 1';

const run = (startMs: number, nowMs: number, hadOwnPlan = false) => ({ startMs, nowMs, hadOwnPlan });

/** Whether it is planned for its values at each of these times. */
const planned = (plans: SlowPlans, ...times: number[]): boolean[] =>
  times.map((nowMs) => plans.preliminaryOf(text, nowMs) !== undefined);

describe('a statement that connections keep', () => {
  test('has one plan for all values while it is quick', () => {
    const plans = new SlowPlans();

    plans.note(text, run(0, 199));

    expect(planned(plans, 200, 1_000)).toEqual([false, false]);
  });

  test('is planned for its values for a second after it was slow, and others are not', () => {
    const plans = new SlowPlans();

    plans.note(text, run(0, 200));

    expect(planned(plans, 200, 1_199, 1_200)).toEqual([true, true, false]);
    expect(plans.preliminaryOf('select 2', 200)).toBeUndefined();
  });

  test('is planned for its values twice as long each time it is slow again soon, up to ten minutes', () => {
    const plans = new SlowPlans();
    let nowMs = 0;
    for (const forMs of [
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 512_000, 600_000, 600_000,
    ]) {
      plans.note(text, run(nowMs, nowMs + 200));
      expect(planned(plans, nowMs + 199 + forMs, nowMs + 200 + forMs)).toEqual([true, false]);
      nowMs += 300 + forMs;
    }
  });

  test('that is slow once in a while only is planned so for a second each time', () => {
    const plans = new SlowPlans();
    plans.note(text, run(0, 200));

    plans.note(text, run(60_000, 60_200));

    expect(planned(plans, 61_199, 61_200)).toEqual([true, false]);
  });

  test('stays planned for its values for as long, whatever else was under way', () => {
    const plans = new SlowPlans();
    plans.note(text, run(0, 200));

    plans.note(text, run(100, 400));

    expect(planned(plans, 1_199, 1_200)).toEqual([true, false]);
  });

  test('has the one plan again at once where it is slow by its own, too', () => {
    const plans = new SlowPlans();
    plans.note(text, run(0, 200));

    plans.note(text, run(300, 500, true));

    expect(planned(plans, 500)).toEqual([false]);
  });

  test('is forgotten for others that were slow later', () => {
    const plans = new SlowPlans();
    plans.note(text, run(0, 200));

    for (let number = 2; number < 300; number += 1) plans.note(`select ${number}`, run(0, 200));

    expect(planned(plans, 300)).toEqual([false]);
  });

  test('is remembered for all connections of a database, and for it alone', async () => {
    const options = { dbName: 'none', entities: [], discovery: { warnWhenNoEntities: false } };
    const [one, other] = [new MikroORM(options), new MikroORM(options)];

    expect(SlowPlans.of(one)).toBe(SlowPlans.of(one));
    expect(SlowPlans.of(one)).not.toBe(SlowPlans.of(other));
    await Promise.all([one.close(), other.close()]);
  });
});
