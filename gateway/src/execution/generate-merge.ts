import type { SupergraphFacts } from '../planning/supergraph-facts.js';
import type { FieldTree } from './field-tree.js';
import { FunctionText, quote } from './generate-code.js';
import type { OperationCode } from './generated-code.js';
import { mergeField } from './merge.js';
import type { ResultTree } from './result-tree.js';

export type Merge = (target: ResultTree, source: ResultTree) => void;

/** With more of them than this, looking for each costs more than going through those that are there. */
const maxKeys = 16;

/**
 * Generates what `mergeInto` does, for the fields that a fetch asks for.
 *
 * @returns undefined where there are too many, as where a fetch is about many types
 */
export function generateMerge(fields: FieldTree, facts: SupergraphFacts, code: OperationCode): Merge | undefined {
  const keys = keysOf(fields, new Set());
  if (keys.size > maxKeys) return undefined;
  const text = new FunctionText(code);
  const merge = text.constant((target: ResultTree, key: string, next: unknown) => mergeField(target, key, next, facts));
  text.add('let next;');
  for (const key of keys) {
    if (key === '__proto__') return undefined;
    text.add(`next = source[${quote(key)}];`);
    text.add(`if (next !== undefined) {`);
    text.add(`if (target[${quote(key)}] === undefined) target[${quote(key)}] = next;`);
    text.add(`else ${merge}(target, ${quote(key)}, next);`);
    text.add('}');
  }
  return text.compile('target, source');
}

function keysOf({ fields, fragments }: FieldTree, keys: Set<string>): Set<string> {
  for (const key of fields.keys()) keys.add(key);
  for (const { tree } of fragments) keysOf(tree, keys);
  return keys;
}
