import type { FlattenPath } from '../planning/query-plan.js';
import type { SupergraphFacts } from '../planning/supergraph-facts.js';
import { compileCollect, type CollectTargets } from './collect-targets.js';
import { FailedField } from './failed-field.js';
import { FunctionText, quote } from './generate-code.js';
import type { OperationCode } from './generated-code.js';

/**
 * Generates what {@link compileCollect} compiles: one function with the keys of the path in its text. Where lists stand
 * within lists, for which a path may have one mark, the compiled form is used from then on.
 */
export function generateCollect(path: FlattenPath, facts: SupergraphFacts, code: OperationCode): CollectTargets {
  const compiled = compileCollect(path, facts);
  const collectPlain = generatePlain(path, facts, code);
  let isPlain = true;
  return (root, targets) => {
    if (isPlain) {
      const before = targets.length;
      isPlain = collectPlain(root, targets, []);
      if (isPlain) return;
      targets.length = before;
    }
    compiled(root, targets);
  };
}

/** @returns false where a list stands within a list */
type CollectPlain = (root: unknown, targets: unknown[], lists: Set<unknown>[]) => boolean;

function generatePlain(path: FlattenPath, facts: SupergraphFacts, code: OperationCode): CollectPlain {
  const text = new FunctionText(code);
  const outermostList = path.indexOf('@');

  function addStep(index: number, value: string): void {
    const segment = path[index];
    const isList = `Array.isArray(${value})`;
    if (segment === '@') {
      text.add(`if (${isList}) {`);
      // What stands below a list that equal entities share is found once.
      if (index !== outermostList) {
        text.add(`const seen${index} = lists[${index}] ??= new Set();`);
        text.add(`if (!seen${index}.has(${value})) { seen${index}.add(${value});`);
      }
      text.add(`for (let i${index} = 0; i${index} < ${value}.length; i${index} += 1) {`);
      const item = text.variable();
      text.add(`const ${item} = ${value}[i${index}];`);
      addStep(index + 1, item);
      text.add(index === outermostList ? '} }' : '} } }');
      return;
    }
    text.add(`if (typeof ${value} === 'object' && ${value} !== null) {`);
    text.add(`if (${isList}) return false;`);
    text.add(`if (!(${value} instanceof ${text.constant(FailedField)})) {`);
    if (segment === undefined) text.add(`targets.push(${value});`);
    else if ('Field' in segment) {
      const field = text.variable();
      text.add(`const ${field} = ${value}[${quote(segment.Field)}];`);
      addStep(index + 1, field);
    } else {
      const typename = text.variable();
      text.add(`const ${typename} = ${value}.__typename;`);
      const names = text.constant(satisfying(segment.TypeCondition, facts));
      text.add(`if (typeof ${typename} !== 'string' || ${names}.has(${typename})) {`);
      addStep(index + 1, value);
      text.add('}');
    }
    text.add('} }');
  }

  addStep(0, 'root');
  text.add('return true;');
  return text.compile('root, targets, lists');
}

/** All types whose objects fit one of the conditions. */
export function satisfying(typeConditions: readonly string[], { possibleTypes }: SupergraphFacts): ReadonlySet<string> {
  return new Set(typeConditions.flatMap((name) => [name, ...(possibleTypes.get(name) ?? [])]));
}
