import { execFile } from 'node:child_process';
import { constants } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const { NODE_PERFORMANCE_GC_MAJOR: major, NODE_PERFORMANCE_GC_FLAGS_FORCED: forced } = constants;
const module = new URL('../../dist/planning/rests.js', import.meta.url);

/** Makes what lives, with a rest after each millisecond, and writes the flags of the full collections that this led to. */
const script = `
  import { PerformanceObserver } from 'node:perf_hooks';
  import { Rests } from '${module.href}';
  const flags = [];
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) if (detail.kind === ${major}) flags.push(detail.flags);
  }).observe({ entryTypes: ['gc'] });
  const rests = new Rests();
  const alive = [];
  while (flags.length < 3) {
    const endsAtMs = performance.now() + 1;
    while (performance.now() < endsAtMs) alive.push({ name: 'n' + alive.length, list: [alive.length] });
    await rests.take(0.25);
  }
  rests.close();
  console.log(JSON.stringify(flags));
`;

test('a rest ends no marking of V8 at once, though it collects what is young', async () => {
  const flags = ['--expose-gc', '--max-semi-space-size=32', '--v8-pool-size=1'];
  const command = [...flags, '--input-type=module', '--eval', script];

  const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: 60_000 });

  const ends = JSON.parse(stdout) as number[];
  expect(ends.map((end) => end & forced)).toEqual([0, 0, 0]);
}, 90_000);
