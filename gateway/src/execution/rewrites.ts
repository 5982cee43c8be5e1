import type { Rewrite, RewritePathSegment } from '../planning/query-plan.js';
import { satisfies, type SupergraphFacts } from '../planning/supergraph-facts.js';
import { isTreeObject, type ResultTree } from './result-tree.js';

/** Changes an object in place. */
export type ApplyRewrites = (root: ResultTree) => void;

type Change = (parent: ResultTree, key: string) => void;

/** Compiles the rewrites of a fetch's input or output. @returns undefined where there are none */
export function compileRewrites(
  rewrites: readonly Rewrite[] | null | undefined,
  facts: SupergraphFacts,
): ApplyRewrites | undefined {
  if (rewrites == null || rewrites.length === 0) return undefined;
  const compiled = rewrites.map((rewrite) => {
    const { path, change } = readRewrite(rewrite);
    return (root: ResultTree) => walk(root, path, 0, change, facts);
  });
  return (root) => {
    for (const apply of compiled) apply(root);
  };
}

function readRewrite(rewrite: Rewrite): { path: readonly RewritePathSegment[]; change: Change } {
  if ('KeyRenamer' in rewrite) {
    const { path, renameKeyTo } = rewrite.KeyRenamer;
    return { path, change: (parent, key) => renameKey(parent, key, renameKeyTo) };
  }
  const { path, setValueTo } = 'ValueSetter' in rewrite ? rewrite.ValueSetter : rewrite;
  return {
    path,
    change: (parent, key) => {
      parent[key] = setValueTo;
    },
  };
}

function renameKey(parent: ResultTree, key: string, renameKeyTo: string): void {
  if (!Object.hasOwn(parent, key)) return;
  parent[renameKeyTo] = parent[key];
  delete parent[key];
}

function walk(
  value: unknown,
  path: readonly RewritePathSegment[],
  depth: number,
  change: Change,
  facts: SupergraphFacts,
): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, path, depth, change, facts);
    return;
  }
  const segment = path[depth];
  if (segment === undefined || !isTreeObject(value)) return;
  if ('TypenameEquals' in segment) {
    const typename = value['__typename'];
    const fits =
      typeof typename === 'string' && segment.TypenameEquals.some((name) => satisfies(facts, typename, name));
    if (fits) walk(value, path, depth + 1, change, facts);
  } else if (depth === path.length - 1) {
    change(value, segment.Key);
  } else {
    walk(value[segment.Key], path, depth + 1, change, facts);
  }
}
