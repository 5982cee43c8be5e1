import type { EntityBatchAlias } from '../planning/query-plan.js';
import type { Asked } from './ask.js';
import type { EntityGroup } from './entity-fetch.js';
import { hasFault, markFailed, placeFault, type Fault, type LocatedFault } from './failed-field.js';
import type { FieldTree } from './field-tree.js';
import { generateMerge, type Merge } from './generate-merge.js';
import { copyTree, mergeInto } from './merge.js';
import { isTreeObject, type ResultTree } from './result-tree.js';
import { compileRewrites } from './rewrites.js';
import type { CompileOptions, Run } from './run.js';
import type { SubgraphAnswer } from './subgraph-client.js';

type Distribute = (run: Run, asked: Asked, group: EntityGroup) => void;

/** What came for one representation. */
interface EntityOutcome {
  entity: ResultTree | undefined;
  /** Why fields that are still missing could not be had; undefined where nothing went wrong with the whole entity. */
  faults: LocatedFault[] | undefined;
  /** What went wrong below its fields, where that emptied the whole entity. */
  readonly emptiedBy: LocatedFault[];
}

const nothing: EntityOutcome = { entity: undefined, faults: undefined, emptiedBy: [] };

const noEntities: Fault = {
  message: 'A subgraph answered without the entities that it was asked for',
  extensions: { code: 'SUBGRAPH_UNAVAILABLE' },
};

/**
 * Compiles the merging of an `_entities` answer into every place where its entities stand.
 *
 * @param aliases of all `_entities` fields of the request
 */
export function compileDistribute(
  { alias, outputRewrites }: EntityBatchAlias,
  fields: FieldTree,
  { facts, sharesEntities, code }: CompileOptions,
  position: number,
  aliases: ReadonlySet<string> = new Set([alias]),
): Distribute {
  const rewrite = compileRewrites(outputRewrites, facts);
  const generated = code && generateMerge(fields, facts, code);
  const merge: Merge = generated ?? ((target, source) => mergeInto(target, source, facts));

  /** The usual case: every entity came and nothing went wrong. @returns false, before any change, where it is another */
  function mergeAll(entities: unknown, { representations: { length: count }, targets, indices }: EntityGroup): boolean {
    if (!sharesEntities || rewrite !== undefined || !Array.isArray(entities) || entities.length !== count) return false;
    for (let index = 0; index < count; index += 1) if (!isTreeObject(entities[index])) return false;
    for (let position = 0; position < targets.length; position += 1) {
      merge(targets[position] as ResultTree, entities[indices[position] ?? 0] as ResultTree);
    }
    return true;
  }

  function readOutcomes(answer: SubgraphAnswer, count: number, run: Run): EntityOutcome[] {
    const list = answer.data?.[alias];
    // Of a list that is shorter or longer nobody knows which entity is which.
    const entities = Array.isArray(list) && list.length === count ? list : undefined;
    const outcomes = Array.from({ length: count }, (_, index): EntityOutcome => {
      const entity: unknown = entities?.[index];
      return { entity: isTreeObject(entity) ? entity : undefined, faults: undefined, emptiedBy: [] };
    });
    const general: LocatedFault[] = [];
    for (const error of answer.errors) {
      const [root, index, ...below] = error.path ?? [];
      // The faults of the request's other aliases are theirs to place.
      if (root !== alias && aliases.has(String(root))) continue;
      const outcome = root === alias && typeof index === 'number' ? outcomes[index] : undefined;
      if (outcome === undefined) general.push({ fault: error, below: [] });
      else placeInOutcome(outcome, error, below, run);
    }
    // Where one of them has failed, subgraphs may answer none of them.
    if (entities === undefined && general.length === 0) {
      const faults = answer.errors.length > 0 ? answer.errors : [noEntities];
      general.push(...faults.map((fault) => ({ fault, below: [] })));
    }
    const missing = outcomes.filter(({ entity, faults }) => entity === undefined && faults === undefined);
    for (const outcome of missing) if (general.length > 0) outcome.faults = general;
    // Nobody misses anything: the faults are told all the same, without a place.
    const isTold = (fault: Fault): boolean => run.unplaced.some((told) => told.fault === fault);
    const untold = missing.length > 0 ? [] : general.filter(({ fault }) => !isTold(fault));
    for (const { fault } of untold) run.unplaced.push({ fault, path: undefined, position });
    return outcomes;
  }

  function placeInOutcome(
    outcome: EntityOutcome,
    fault: SubgraphAnswer['errors'][number],
    below: readonly (string | number)[],
    run: Run,
  ): void {
    if (below.length === 0) {
      if (outcome.entity === undefined || outcome.faults !== undefined)
        (outcome.faults ??= []).push({ fault, below: [] });
      else run.unplaced.push({ fault, path: undefined, position });
      return;
    }
    if (outcome.entity === undefined) {
      // Emptied from below: the fault is reported at its own field, the entity's other fields are null in silence.
      outcome.entity = {};
      outcome.faults ??= [];
      outcome.emptiedBy.push({ fault, below });
    }
    if (!placeFault(outcome.entity, below, fault, position, fields))
      run.unplaced.push({ fault, path: undefined, position });
  }

  return (run, asked, group) => {
    const { representations, targets, indices } = group;
    if ('fault' in asked) {
      const faults = [{ fault: asked.fault, below: [] }];
      for (const target of targets) markFailed(target, fields, { faults, causes: faults, position }, facts);
      return;
    }
    if (asked.answer.errors.length === 0 && mergeAll(asked.answer.data?.[alias], group)) return;
    const outcomes = readOutcomes(asked.answer, representations.length, run);
    for (const { entity } of outcomes) if (entity !== undefined) rewrite?.(entity);
    const used = new Set<number>();
    for (const [position, target] of targets.entries()) {
      const index = indices[position] ?? 0;
      const { entity, faults, emptiedBy } = outcomes[index] ?? nothing;
      if (entity !== undefined) {
        mergeInto(target, !sharesEntities && used.has(index) ? copyTree(entity) : entity, facts);
        used.add(index);
      }
      if (faults === undefined) continue;
      const causes = emptiedBy.map(({ fault }) => ({ fault, below: [] }));
      // Of an object without a type no field is answered: what emptied the entity is told for the object.
      const isUntyped = emptiedBy.length > 0 && facts.possibleTypes.has(String(target['__typename']));
      const isTold = faults.length > 0 || emptiedBy.some((emptying) => hasFault(target, emptying));
      const told = isUntyped ? emptiedBy : isTold ? faults : causes;
      markFailed(target, fields, { faults: told, causes: told.length > 0 ? told : causes, position }, facts);
    }
  };
}
