import type { Asked } from './ask.js';
import type { ResultTree } from './result-tree.js';
import type { SubgraphErrorBody } from './subgraph-client.js';

/** One `_entities` field: what was found, and where what is missing belongs. */
export interface RecalledPart {
  readonly alias: string;
  /** For each representation its entity, or null; undefined where it was asked for. */
  readonly found: readonly unknown[];
  /** For each representation that was asked for, its place among all. */
  readonly places: readonly number[];
}

const noEntities = 'A subgraph answered without the entities that it was asked for';

/** Puts what was found and what was asked for together: an answer as if everything had been asked for. */
export function completeAnswer(parts: readonly RecalledPart[], asked: Asked | undefined): Asked {
  const errors: SubgraphErrorBody[] = [];
  if (asked !== undefined && 'fault' in asked) {
    const { message, extensions } = asked.fault;
    // Without a place it belongs to all that is missing.
    errors.push({ message, path: undefined, extensions });
  }
  const answer = asked !== undefined && 'answer' in asked ? asked.answer : undefined;
  for (const error of answer?.errors ?? []) errors.push(relocate(error, parts));
  const data: ResultTree = {};
  for (const { alias, found, places } of parts) {
    const entities: unknown[] = [...found];
    const list = answer?.data?.[alias];
    if (Array.isArray(list)) for (const [index, place] of places.entries()) entities[place] = list[index];
    else if (places.length > 0 && errors.length === 0) {
      errors.push({ message: noEntities, path: undefined, extensions: { code: 'SUBGRAPH_UNAVAILABLE' } });
    }
    data[alias] = entities;
  }
  return { answer: { data, errors } };
}

function relocate(error: SubgraphErrorBody, parts: readonly RecalledPart[]): SubgraphErrorBody {
  const [root, index, ...below] = error.path ?? [];
  const place = parts.find(({ alias }) => alias === root)?.places[typeof index === 'number' ? index : -1];
  return root === undefined || place === undefined ? error : { ...error, path: [root, place, ...below] };
}
