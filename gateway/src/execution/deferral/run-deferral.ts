import { toAppError } from '@tessera/service/errors';
import type { SupergraphFacts } from '../../planning/supergraph-facts.js';
import type { CompletedFragment, DeferredAnswer, LaterPart, PendingFragment } from '../../transport/deferred-answer.js';
import type { UnplacedFault } from '../answer.js';
import { isTreeObject } from '../result-tree.js';
import type { Run } from '../run.js';
import type { CompiledDeferral, CompiledFragment } from './compile-deferral.js';
import { findObjects, type AnsweredObject } from './find-objects.js';

type Variables = Readonly<Record<string, unknown>>;

/** A fragment at all its objects, on its way. */
interface Flight {
  readonly fragment: CompiledFragment;
  readonly objects: readonly (AnsweredObject & PendingFragment)[];
}

/** What came of a flight, and what it led to. */
interface Landing {
  readonly completed: readonly CompletedFragment[];
  readonly next: readonly Flight[];
}

/**
 * Answers an operation part by part. The fetches of a fragment begin when what it stands within has been told; all that
 * are on their way run side by side, and what lands at the same time is told together.
 *
 * @param mark run before anything is written: puts the reasons where fields are withheld
 */
export async function runDeferral(
  { first, answer, fragments }: CompiledDeferral,
  run: Run,
  variables: Variables,
  facts: SupergraphFacts,
  mark: (run: Run) => void,
): Promise<DeferredAnswer> {
  const { requestId } = run.context;
  let lastId = 0;
  await first(run);
  mark(run);
  const told = answer.write(run.tree, run.unplaced, variables, requestId);

  function begin(inner: readonly CompiledFragment[], within: readonly AnsweredObject[]): Flight[] {
    return inner.flatMap((fragment): Flight[] => {
      const objects = within.flatMap((from) => findObjects(fragment, from, variables, facts));
      const { label } = fragment;
      return objects.length === 0
        ? []
        : [{ fragment, objects: objects.map((object) => ({ ...object, label, id: String((lastId += 1)) })) }];
    });
  }

  async function fly({ fragment, objects }: Flight): Promise<Landing> {
    const unplaced: UnplacedFault[] = [];
    const own: Run = { ...run, unplaced };
    await fragment.step(own);
    mark(own);
    const completed = objects.map(({ object, told: before, id, path, label }, index): CompletedFragment => {
      const general = index === 0 ? unplaced : [];
      const { data: written, errors } = fragment.writer.write(object, path, general, variables, requestId);
      const data = errors.length > 0 && takesBack(before, written) ? null : written;
      return { id, path, label, data, errors };
    });
    const answered = objects.flatMap(({ object }, index): AnsweredObject[] => {
      const { data = null, path = [] } = completed[index] ?? {};
      return data === null ? [] : [{ object, told: data, path }];
    });
    return { completed, next: begin(fragment.inner, answered) };
  }

  /** What is our fault costs the client this fragment, not the others. */
  function crash({ objects }: Flight, error: unknown): Landing {
    const { errors = [] } = answer.refuse([toAppError(error)], requestId);
    const completed = objects.map(({ id, path, label }) => ({ id, path, label, data: null, errors }));
    return { completed, next: [] };
  }

  const data = told.data ?? null;
  const flights = data === null ? [] : begin(fragments, [{ object: run.tree, told: data, path: [] }]);
  if (flights.length === 0) return { first: told };
  return { first: told, later: { pending: flights.flatMap(announce), parts: land(flights, fly, crash) } };
}

async function* land(
  flights: readonly Flight[],
  fly: (flight: Flight) => Promise<Landing>,
  crash: (flight: Flight, error: unknown) => Landing,
): AsyncGenerator<LaterPart, void, void> {
  const landed: Landing[] = [];
  let underWay = 0;
  let wake: () => void = () => undefined;
  const start = (flight: Flight): void => {
    underWay += 1;
    void fly(flight)
      .catch((error: unknown) => crash(flight, error))
      .then((landing) => {
        landed.push(landing);
        wake();
      });
  };
  for (const flight of flights) start(flight);
  while (underWay > 0) {
    if (landed.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    const together = landed.splice(0);
    underWay -= together.length;
    const next = together.flatMap((landing) => landing.next);
    for (const flight of next) start(flight);
    yield {
      completed: together.flatMap(({ completed }) => completed),
      pending: next.flatMap(announce),
      hasNext: underWay > 0,
    };
  }
}

function announce({ objects }: Flight): PendingFragment[] {
  return objects.map(({ id, path, label }) => ({ id, path, label }));
}

/** Whether null stands where something was told before: that cannot be unsaid, so the whole fragment counts as failed. */
function takesBack(before: unknown, now: unknown): boolean {
  if (now === null) return before !== null && before !== undefined;
  if (Array.isArray(now)) return Array.isArray(before) && now.some((item, index) => takesBack(before[index], item));
  if (!isTreeObject(now) || !isTreeObject(before)) return false;
  return Object.keys(now).some((key) => Object.hasOwn(before, key) && takesBack(before[key], now[key]));
}
