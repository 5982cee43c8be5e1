import { FailedField } from '../execution/failed-field.js';
import { FunctionText, quote, quoteMember } from '../execution/generate-code.js';
import type { OperationCode } from '../execution/generated-code.js';
import { fault } from './fault.js';
import type { ScalarCheck } from './scalar-checks.js';

/**
 * Completes one value of the result tree. @throws fault
 *
 * @param lists for each list of objects in the operation, what came of the lists that were met there
 */
export type ProjectFast = (value: unknown, lists: Map<unknown, unknown>[]) => unknown;

/** How a value is completed: nothing but `isNonNull` for a scalar of which all values are good. */
export interface ValueCode {
  readonly isNonNull?: boolean;
  /** Of an enum. */
  readonly names?: ReadonlySet<string>;
  /** Of a built-in scalar. */
  readonly check?: ScalarCheck;
  /** Of an object or a list. */
  readonly project?: ProjectFast;
}

export interface FieldCode extends ValueCode {
  readonly responseKey: string;
  readonly resultKey: string;
  /** What is answered, whatever the result tree has. */
  readonly constant?: string;
}

/** Generates the projection of objects of one type: a literal with its keys, which also makes them quick to write. */
export function generateObject(fields: readonly FieldCode[], code: OperationCode): ProjectFast {
  const text = new FunctionText(code);
  text.add('if (object === null || object === undefined) return null;');
  text.add(`if (typeof object !== 'object' || ${isFailed(text, 'object')} || Array.isArray(object)) ${fail(text)}`);
  const members = fields.map((field) => {
    if (field.constant !== undefined) return `${quoteMember(field.responseKey)}: ${quote(field.constant)}`;
    const variable = text.variable();
    text.add(`let ${variable} = object[${quote(field.resultKey)}];`);
    addValue(text, variable, field);
    return `${quoteMember(field.responseKey)}: ${variable}`;
  });
  text.add(`return { ${members.join(', ')} };`);
  return text.compile('object, lists');
}

/**
 * Generates the projection of a list.
 *
 * @param place a number of its own where the list has objects: equal entities share their lists in the result tree, and so
 * does the answer then; undefined for other lists
 */
export function generateList(item: ValueCode, place: number | undefined, code: OperationCode): ProjectFast {
  const text = new FunctionText(code);
  text.add('if (list === null || list === undefined) return null;');
  text.add(`if (!Array.isArray(list)) ${fail(text)}`);
  if (place !== undefined) {
    text.add(`const known = lists[${place}] ??= new Map();`);
    text.add('const done = known.get(list);');
    text.add('if (done !== undefined) return done;');
  }
  text.add('const items = [];');
  text.add('for (let index = 0; index < list.length; index += 1) {');
  text.add('let item = list[index];');
  addValue(text, 'item', item);
  text.add('items.push(item);');
  text.add('}');
  if (place !== undefined) text.add('known.set(list, items);');
  text.add('return items;');
  return text.compile('list, lists');
}

/**
 * Makes the projection of objects that may be of several types.
 *
 * @param projectionOf called once for each type that is met, and for objects that do not say theirs
 */
export function generateTypeChoice(projectionOf: (typename: string | undefined) => ProjectFast): ProjectFast {
  const known = new Map<string | undefined, ProjectFast>();
  return (object, lists) => {
    if (object === null || object === undefined) return null;
    if (typeof object !== 'object') throw fault;
    const given: unknown = Reflect.get(object, '__typename');
    const typename = typeof given === 'string' ? given : undefined;
    let project = known.get(typename);
    if (project === undefined) known.set(typename, (project = projectionOf(typename)));
    return project(object, lists);
  };
}

function addValue(text: FunctionText, variable: string, value: ValueCode): void {
  const { isNonNull, project } = value;
  if (project !== undefined) {
    text.add(`${variable} = ${text.constant(project)}(${variable}, lists);`);
    if (isNonNull === true) text.add(`if (${variable} === null) ${fail(text)}`);
    return;
  }
  const whenNull = isNonNull === true ? fail(text) : `${variable} = null;`;
  const isWrong = wrongValue(text, variable, value);
  text.add(`if (${variable} === null || ${variable} === undefined) { ${whenNull} } else if (${isWrong}) ${fail(text)}`);
}

function wrongValue(text: FunctionText, variable: string, { names, check }: ValueCode): string {
  if (names !== undefined) return `!${text.constant(names)}.has(${variable})`;
  if (check !== undefined) return `!(${check.condition(variable)})`;
  return `typeof ${variable} === 'object' && ${isFailed(text, variable)}`;
}

function isFailed(text: FunctionText, variable: string): string {
  return `${variable} instanceof ${text.constant(FailedField)}`;
}

function fail(text: FunctionText): string {
  return `throw ${text.constant(fault)};`;
}
