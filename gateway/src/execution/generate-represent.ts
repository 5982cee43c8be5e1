import { isDeepStrictEqual } from 'node:util';
import type { RequiresFragment, RequiresSelection } from '../planning/query-plan.js';
import type { SupergraphFacts } from '../planning/supergraph-facts.js';
import { FailedField } from './failed-field.js';
import { FunctionText, quote, quoteMember } from './generate-code.js';
import type { OperationCode } from './generated-code.js';
import { satisfying } from './generate-collect.js';
import type { Represent } from './representation.js';

/**
 * Generates what `compileRepresent` compiles, for what is usual: one kind of entity, or several of the same plain fields.
 *
 * @returns undefined for what is not
 */
export function generateRepresent(
  requires: readonly RequiresSelection[],
  facts: SupergraphFacts,
  code: OperationCode,
): Represent | undefined {
  const [fragment] = requires;
  if (fragment?.kind !== 'InlineFragment' || fragment.skipIf != null || fragment.includeIf != null) return undefined;
  const typeConditions = requires.flatMap((one) => (isAlike(one, fragment) ? one.typeCondition : []));
  if (typeConditions.length < requires.length) return undefined;
  const text = new FunctionText(code);
  const names = text.constant(satisfying(typeConditions, facts));
  text.add('const typename = entity.__typename;');
  text.add(`if (typeof typename === 'string' && !${names}.has(typename)) return undefined;`);
  const members = new Map<string, string>();
  for (const field of fragment.selections) {
    if (field.kind !== 'Field' || field.selections != null) return undefined;
    const value = text.variable();
    // Every object seems to have a field of such a name.
    const isInherited = field.name in Object.prototype;
    const read = `entity[${quote(field.name)}]`;
    text.add(
      `const ${value} = ${isInherited ? `Object.hasOwn(entity, ${quote(field.name)}) ? ${read} : undefined` : read};`,
    );
    text.add(`if (${value} === undefined) return undefined;`);
    text.add(`if (typeof ${value} === 'object' && ${value} instanceof ${text.constant(FailedField)}) return ${value};`);
    members.set(field.alias ?? field.name, value);
  }
  if (!members.has('__typename')) return undefined;
  text.add(`return { ${[...members].map(([key, value]) => `${quoteMember(key)}: ${value}`).join(', ')} };`);
  return text.compile('entity');
}

/** Whether two fragments differ in their types alone. */
function isAlike(one: RequiresSelection, other: RequiresFragment): one is RequiresFragment {
  if (one.kind !== 'InlineFragment') return false;
  return isDeepStrictEqual({ ...one, typeCondition: '' }, { ...other, typeCondition: '' });
}
