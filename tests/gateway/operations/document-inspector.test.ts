import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from '@jest/globals';
import { createDocumentInspector, type DocumentInspector } from '@tessera/gateway/operations/document-inspector';

/** A thread that lets everything pass but `endless`, at which it works for ever, and `fatal`, at which it ends. */
const script = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (source) => {
    if (source === 'fatal') process.exit(1);
    while (source === 'endless');
    parentPort.postMessage({ kind: 'passed' });
  });`;

let threads = 0;
let inspector: DocumentInspector | undefined;

function create(maxInspectionMs: number): DocumentInspector {
  threads = 0;
  const openThread = (): Worker => {
    threads += 1;
    return new Worker(script, { eval: true });
  };
  inspector = createDocumentInspector({ openThread, minCharacters: 5, maxInspectionMs });
  return inspector;
}

/** A text's name will do for its hash. */
const inspectBy =
  ({ inspect }: DocumentInspector) =>
  (source: string): Promise<void> =>
    inspect(source, source);

afterEach(() => inspector?.close());

test('a short text needs no thread', async () => {
  await inspectBy(create(5_000))('tiny');

  expect(threads).toBe(0);
});

test.each(['endless', 'fatal'])(
  'a text that is %s for its thread is refused, and others are inspected by a new one',
  async (text) => {
    const inspect = inspectBy(create(1_500));
    const refused = inspect(text);
    const other = inspect('a good one');

    await expect(refused).rejects.toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 1 });
    await expect(other).resolves.toBeUndefined();
    expect(threads).toBe(2);
  },
);

test('who waits when it is closed is not left waiting', async () => {
  const closing = create(60_000);
  const inspect = inspectBy(closing);
  const refused = Promise.allSettled([inspect('endless'), inspect('another')]);

  await closing.close();

  expect((await refused).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
