import type { BatchFetchNode, EntityBatchAlias, FetchNode, FlattenPath } from '../planning/query-plan.js';
import { compileAskOf, operationOf, variableMembers, type Asked } from './ask.js';
import { compileAskOnce, nameOfFetch, type AskOnce } from './asked-entities.js';
import { compileCollect } from './collect-targets.js';
import { compileDistribute } from './distribute-entities.js';
import type { RepresentationLists } from './entity-memory.js';
import { FailedField, markFailed } from './failed-field.js';
import { parseFieldTree, type FieldTree } from './field-tree.js';
import { generateCollect } from './generate-collect.js';
import { generateRepresent } from './generate-represent.js';
import { compileIndex, createTextIndex } from './representation-index.js';
import { compileRepresent } from './representation.js';
import type { ResultTree } from './result-tree.js';
import { compileRewrites } from './rewrites.js';
import type { CompileOptions, Run, Step } from './run.js';

/** The objects that one `_entities` field of a request is about, and what is sent for them. */
export interface EntityGroup {
  /** Each once. */
  readonly representations: readonly ResultTree[];
  /** In the order of the result tree. */
  readonly targets: readonly ResultTree[];
  /** For each target, which representation is its. */
  readonly indices: readonly number[];
}

export const noFields: FieldTree = { fields: new Map(), fragments: [] };

/** Compiles a fetch of entities that stand at one path. */
export function compileEntityFetch(fetch: FetchNode, path: FlattenPath, options: CompileOptions): Step {
  const aliases = [onlyAlias(fetch, path)];
  return compileBatchFetch({ ...fetch, kind: 'BatchFetch', entityBatch: { aliases } }, options);
}

/** The one `_entities` field of a fetch that has no batch. */
export function onlyAlias({ requires, inputRewrites, outputRewrites }: FetchNode, path: FlattenPath): EntityBatchAlias {
  return {
    alias: '_entities',
    representationsVariableName: 'representations',
    paths: [path],
    requires: requires ?? [],
    inputRewrites: inputRewrites ?? [],
    outputRewrites: outputRewrites ?? [],
  };
}

/** Compiles a fetch of several kinds of entities in one request. */
export function compileBatchFetch(fetch: BatchFetchNode, options: CompileOptions): Step {
  const operation = operationOf(fetch, options);
  const ask = compileAskOf(operation, options);
  const position = options.nextPosition();
  const { fields } = parseFieldTree(fetch.operation);
  const aliases = new Set(fetch.entityBatch.aliases.map(({ alias }) => alias));
  const parts = fetch.entityBatch.aliases.map((alias) => {
    const tree = fields.get(alias.alias) ?? noFields;
    return {
      variable: JSON.stringify(alias.representationsVariableName),
      gather: compileGather(alias, tree, options, position),
      distribute: compileDistribute(alias, tree, options, position, aliases),
    };
  });
  const recall = options.entityMemory?.compile(operation, [...aliases]);
  const askOnce = compileOnce(fetch, fields, options);

  function send(run: Run, members: readonly string[], lists: RepresentationLists): Promise<Asked> {
    const all = [...members];
    for (const [index, { variable }] of parts.entries()) all.push(`${variable}:${JSON.stringify(lists[index] ?? [])}`);
    return ask(run, `{${all.join(',')}}`);
  }

  function askFor(run: Run, members: readonly string[], lists: RepresentationLists): Promise<Asked> {
    if (recall === undefined || !run.mayRecall) return send(run, members, lists);
    return recall(run, lists, members, (missing) => send(run, members, missing));
  }

  return async (run) => {
    const groups = parts.map(({ gather }) => gather(run));
    if (groups.every(({ targets }) => targets.length === 0)) return;
    const members = variableMembers(fetch.variableUsages, run.variables);
    const lists = groups.map(({ representations }) => representations);
    const asked =
      askOnce === undefined || !run.mayRecall
        ? await askFor(run, members, lists)
        : await askOnce(run, lists[0] ?? [], (missing) => askFor(run, members, [missing]));
    for (const [index, { distribute }] of parts.entries()) {
      const group = groups[index];
      if (group !== undefined && group.targets.length > 0) distribute(run, asked, group);
    }
  };
}

/** @returns undefined for what stands once in its plan, or means another thing in each place */
function compileOnce(
  fetch: BatchFetchNode,
  fields: FieldTree['fields'],
  { sharesEntities, repeatedFetches }: CompileOptions,
): AskOnce | undefined {
  const [only, ...others] = fetch.entityBatch.aliases;
  if (only === undefined || others.length > 0 || !sharesEntities || (only.outputRewrites ?? []).length > 0)
    return undefined;
  const name = nameOfFetch(fetch);
  return repeatedFetches.has(name) ? compileAskOnce(name, only.alias, fields.get(only.alias) ?? noFields) : undefined;
}

function compileGather(alias: EntityBatchAlias, tree: FieldTree, options: CompileOptions, position: number) {
  const { facts, code } = options;
  const collects = alias.paths.map((path) =>
    code === undefined ? compileCollect(path, facts) : generateCollect(path, facts, code),
  );
  const describe = compileDescribe(alias, tree, options, position);
  return (run: Run): EntityGroup => {
    const candidates: ResultTree[] = [];
    for (const collect of collects) collect(run.tree, candidates);
    return describe(run, candidates);
  };
}

/** Compiles how candidates become targets, each with its representation. */
export function compileDescribe(
  alias: EntityBatchAlias,
  tree: FieldTree,
  { facts, code }: CompileOptions,
  position: number,
) {
  const generated = code && generateRepresent(alias.requires, facts, code);
  const represent = generated ?? compileRepresent(alias.requires, facts);
  const rewrite = compileRewrites(alias.inputRewrites, facts);
  const newIndex = rewrite === undefined ? compileIndex(alias.requires) : createTextIndex;
  return (run: Run, candidates: readonly ResultTree[]): EntityGroup => {
    const representations: ResultTree[] = [];
    const targets: ResultTree[] = [];
    const indices: number[] = [];
    const indexOf = newIndex();
    for (const candidate of candidates) {
      const representation = represent(candidate, run.variables);
      if (representation === undefined) continue;
      if (representation instanceof FailedField) {
        // What it requires could not be had, so what is required for it cannot either, for the same reason.
        const { causes } = representation;
        markFailed(candidate, tree, { faults: causes, causes, position }, facts);
        continue;
      }
      rewrite?.(representation);
      const index = indexOf(representation, representations.length);
      if (index === representations.length) representations.push(representation);
      targets.push(candidate);
      indices.push(index);
    }
    return { representations, targets, indices };
  };
}
