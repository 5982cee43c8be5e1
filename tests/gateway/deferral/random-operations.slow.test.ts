import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DeferredAnswer } from '@tessera/gateway/transport/deferred-answer';
import { Kind, parse, print, visit, type DirectiveNode, type FormattedExecutionResult } from 'graphql';
import { aRequestContext, planners, startFederation, type Federation } from '../support/federation.js';
import { shopOperations } from '../support/shop-operations.js';
import { shop } from '../support/shop.js';

const operations = Number(process.env['DEFERRED_OPERATIONS'] ?? 60);
const firstSeed = Number(process.env['DEFERRED_SEED'] ?? 1);

/** Defers some of an operation's fragments, and puts some of its fields into deferred fragments. */
function deferSome(source: string, chance: () => number): string {
  let labels = 0;
  const defer = (): DirectiveNode => ({
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: 'defer' },
    arguments: [
      {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: 'label' },
        value: { kind: Kind.STRING, value: `l${(labels += 1)}` },
      },
    ],
  });
  return print(
    visit(parse(source), {
      FragmentSpread: (node) =>
        chance() < 0.5 ? { ...node, directives: [...(node.directives ?? []), defer()] } : undefined,
      Field: {
        leave: (node) =>
          chance() < 0.2
            ? {
                kind: Kind.INLINE_FRAGMENT,
                directives: [defer()],
                selectionSet: { kind: Kind.SELECTION_SET, selections: [node] },
              }
            : undefined,
      },
    }),
  );
}

/** Puts an answer together; a fragment that comes before what it stands within is an error. */
async function merged({ first, later }: DeferredAnswer): Promise<FormattedExecutionResult> {
  const answer = JSON.parse(JSON.stringify(first)) as FormattedExecutionResult & { data: unknown };
  const announced = new Set(later?.pending.map(({ id }) => id));
  if (later !== undefined) {
    for await (const { completed, pending } of later.parts) {
      for (const { id } of pending) announced.add(id);
      for (const { id, path, data } of completed) {
        expect(announced.delete(id)).toBe(true);
        const target = path.reduce<unknown>((value, key) => Reflect.get(Object(value), key), answer.data);
        merge(Object(target), JSON.parse(JSON.stringify(data)));
      }
    }
  }
  expect(announced.size).toBe(0);
  return answer;
}

function merge(target: object, source: unknown): void {
  for (const [key, value] of Object.entries(Object(source))) {
    const known: unknown = Object.hasOwn(target, key) ? Reflect.get(target, key) : undefined;
    if (typeof known === 'object' && known !== null && typeof value === 'object' && value !== null) merge(known, value);
    // Clients choose their aliases: `__proto__` is a key like any other.
    else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  }
}

/** With the keys of objects in one order: parts come in theirs. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1))
      : each,
  );
}

describe.each([...planners, 'auto' as const])('random operations (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    federation = await startFederation(shop, { planner });
  });

  afterAll(() => federation.close());

  test('come to the same answers in parts as at once', async () => {
    const { engine, supergraph } = federation;
    let deferred = 0;
    for (const { seed, source, document, variables } of shopOperations(supergraph.publicSchema, firstSeed, deferSome)) {
      if (deferred >= operations) break;
      const prepared = await Promise.resolve(engine.prepare(document, source)).catch(() => undefined);
      if (prepared === undefined) continue;

      const expected = await engine.execute(prepared, variables, aRequestContext());
      // Where a null climbs, it climbs less far in parts.
      if (expected.errors !== undefined) continue;
      const answer = await engine.executeDeferred(prepared, variables, aRequestContext());
      if (answer.later !== undefined) deferred += 1;

      const told = await merged(answer);
      expect({ seed, source, variables, errors: told.errors, data: canonical(told.data) }).toEqual({
        seed,
        source,
        variables,
        errors: undefined,
        data: canonical(expected.data),
      });
    }
  }, 60_000);
});
