import type { PlanNode } from '../planning/query-plan.js';
import type { Asked } from './ask.js';
import { completeAnswer } from './completed-answer.js';
import { FailedField } from './failed-field.js';
import type { FieldTree } from './field-tree.js';
import { isTreeObject, type ResultTree } from './result-tree.js';
import type { Run } from './run.js';

interface AskedEntity {
  readonly asked: Promise<Asked>;
  /** Which of the entities of that answer it is. */
  readonly place: number;
}

/** What a run has asked for, or is asking for: by fetch, then by representation. */
export type AskedEntities = Map<string, Map<string, AskedEntity>>;

/** Answers a fetch by what its run has asked for before and, for the rest, by asking. */
export type AskOnce = (
  run: Run,
  representations: readonly ResultTree[],
  askFor: (representations: readonly ResultTree[]) => Promise<Asked>,
) => Promise<Asked>;

interface EntityFetch {
  readonly serviceName: string;
  readonly operation: string;
  readonly operationName?: string | null;
}

/** What two fetches have in common that ask one subgraph the same of entities: planners number their names. */
export function nameOfFetch({ serviceName, operation, operationName }: EntityFetch): string {
  return `${serviceName} ${operationName == null ? operation : operation.replace(operationName, '')}`;
}

/** The fetches that stand several times in a plan: one entity may come along in more than one place. */
export function findRepeatedFetches(plan: PlanNode): ReadonlySet<string> {
  const met = new Set<string>();
  const repeated = new Set<string>();
  const visit = (node: PlanNode | null | undefined): void => {
    switch (node?.kind) {
      case 'Fetch':
      case 'BatchFetch': {
        const name = nameOfFetch(node);
        if (met.has(name)) repeated.add(name);
        met.add(name);
        return;
      }
      case 'Flatten':
        return visit(node.node);
      case 'Sequence':
      case 'Parallel':
        return node.nodes.forEach(visit);
      case 'Condition':
        visit(node.ifClause);
        return visit(node.elseClause);
    }
  };
  visit(plan);
  return repeated;
}

/**
 * Compiles a fetch that stands several times in its plan: of what it asks no request asks a subgraph twice. What came with an
 * error is asked for again, so that each place tells its own.
 *
 * @param name see {@link nameOfFetch}
 * @param alias of its one `_entities` field
 * @param tree what it asks of each entity
 */
export function compileAskOnce(name: string, alias: string, tree: FieldTree): AskOnce {
  return async (run, representations, askFor) => {
    const known = knownTo(run, name);
    const texts = representations.map((representation) => JSON.stringify(representation));
    const before = texts.map((text) => known.get(text));
    const missing = representations.filter((_, index) => before[index] === undefined);
    const places = [...before.keys()].filter((index) => before[index] === undefined);
    const asked = missing.length === 0 ? undefined : askFor(missing);
    if (asked !== undefined) {
      for (const [place, index] of places.entries()) known.set(texts[index] ?? '', { asked, place });
      if (missing.length === representations.length) return asked;
    }
    const lists = new Map<Promise<Asked>, readonly unknown[] | undefined>();
    for (const source of before) {
      if (source !== undefined && !lists.has(source.asked)) {
        lists.set(source.asked, cleanEntities(await source.asked, alias));
      }
    }
    if ([...lists.values()].includes(undefined)) return askFor(representations);
    const found = before.map((source) => source && copyFields(lists.get(source.asked)?.[source.place], tree));
    return completeAnswer([{ alias, found, places }], await asked);
  };
}

function knownTo(run: Run, name: string): Map<string, AskedEntity> {
  run.askedEntities ??= new Map();
  const known = run.askedEntities.get(name) ?? new Map<string, AskedEntity>();
  run.askedEntities.set(name, known);
  return known;
}

/** @returns undefined where something went wrong */
function cleanEntities(asked: Asked, alias: string): readonly unknown[] | undefined {
  if ('fault' in asked || asked.answer.errors.length > 0) return undefined;
  const list = asked.answer.data?.[alias];
  return Array.isArray(list) ? list : undefined;
}

/**
 * Copies what a fetch asked for, and not what others have merged into it since: objects that are found below themselves in
 * the tree would have no end.
 *
 * @param copy what other selections have taken of it
 */
function copyFields(value: unknown, tree: FieldTree, copy?: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => copyFields(item, tree, Array.isArray(copy) ? copy[index] : undefined));
  }
  if (!isTreeObject(value)) return value;
  const target = isTreeObject(copy) ? copy : {};
  fillFields(target, value, tree);
  return target;
}

function fillFields(target: ResultTree, source: ResultTree, tree: FieldTree): void {
  for (const [key, below] of tree.fields) {
    const value = source[key];
    if (value === undefined || value instanceof FailedField || key === '__proto__') continue;
    target[key] = below === undefined ? value : copyFields(value, below, target[key]);
  }
  for (const fragment of tree.fragments) fillFields(target, source, fragment.tree);
}
