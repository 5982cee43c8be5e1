import type { ContextArgument, FetchNode, FlattenPath } from '../planning/query-plan.js';
import { compileAskOf, operationOf, variableMembers } from './ask.js';
import { compileCollect } from './collect-targets.js';
import { compileDistribute } from './distribute-entities.js';
import { compileDescribe, noFields, onlyAlias } from './entity-fetch.js';
import { FailedField, markFailed } from './failed-field.js';
import { parseFieldTree } from './field-tree.js';
import { isTreeObject, type ResultTree } from './result-tree.js';
import type { CompileOptions, Step } from './run.js';

/** Objects for which the arguments from their contexts have the same values. */
interface ContextGroup {
  /** By their variables. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly targets: ResultTree[];
}

/**
 * Compiles a fetch of entities whose arguments depend on what they stand below (`@fromContext`): one request for each
 * set of values. Entities that are equal but stand in different contexts are different objects of the result tree.
 */
export function compileContextFetch(fetch: FetchNode, path: FlattenPath, options: CompileOptions): Step {
  const { facts } = options;
  const alias = onlyAlias(fetch, path);
  const ask = compileAskOf(operationOf(fetch, options), options);
  const tree = parseFieldTree(fetch.operation).fields.get(alias.alias) ?? noFields;
  const position = options.nextPosition();
  const describe = compileDescribe(alias, tree, options, position);
  const distribute = compileDistribute(alias, tree, options, position);
  const collect = compileContextCollect(fetch.contextArguments ?? [], path, options);

  return async (run) => {
    const requests = collect(run.tree).map(async ({ values, targets: candidates }) => {
      const failure = Object.values(values).find((value) => value instanceof FailedField);
      if (failure !== undefined) {
        const { causes } = failure;
        for (const candidate of candidates) markFailed(candidate, tree, { faults: causes, causes, position }, facts);
        return undefined;
      }
      const group = describe(run, candidates);
      if (group.targets.length === 0) return undefined;
      const members = [
        ...variableMembers(fetch.variableUsages, run.variables),
        ...variableMembers(Object.keys(values), values),
        `"representations":${JSON.stringify(group.representations)}`,
      ];
      return { group, asked: await ask(run, `{${members.join(',')}}`) };
    });
    for (const one of await Promise.all(requests)) if (one !== undefined) distribute(run, one.asked, one.group);
  };
}

/** Compiles the finding of the objects at a path, together with what stands in objects on the way. */
function compileContextCollect(
  given: readonly ContextArgument[],
  path: FlattenPath,
  { facts }: CompileOptions,
): (root: ResultTree) => ContextGroup[] {
  const depths = [...new Set([...given.map(({ depth }) => depth), path.length])].sort((one, other) => one - other);
  const steps = depths.map((depth, position) => ({
    collect: compileCollect(path.slice(depths[position - 1] ?? 0, depth), facts),
    contexts: given.filter((argument) => argument.depth === depth),
  }));

  return (root) => {
    const groups = new Map<string, ContextGroup>();
    const visit = (object: ResultTree, position: number, values: Readonly<Record<string, unknown>>): void => {
      const step = steps[position];
      if (step === undefined) {
        const name = JSON.stringify(values);
        const group = groups.get(name) ?? { values, targets: [] };
        groups.set(name, group);
        group.targets.push(object);
        return;
      }
      const found: ResultTree[] = [];
      step.collect(object, found);
      for (const below of found) {
        const own = step.contexts.map((context) => [context.variable, valueAt(below, context.path)] as const);
        visit(below, position + 1, { ...values, ...Object.fromEntries(own) });
      }
    };
    visit(root, 0, {});
    return [...groups.values()];
  };
}

/** @returns null where there is nothing; the failure where it could not be had */
function valueAt(object: ResultTree, path: readonly string[]): unknown {
  let value: unknown = object;
  for (const key of path) {
    if (!isTreeObject(value) || value instanceof FailedField) break;
    value = Object.hasOwn(value, key) ? value[key] : null;
  }
  return value ?? null;
}
