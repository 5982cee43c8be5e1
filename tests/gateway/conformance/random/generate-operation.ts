import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isUnionType,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import type { Chance } from './chance.js';

export interface OperationModel {
  readonly source: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const oddAliases = [
  '__proto__',
  'constructor',
  'toString',
  'id',
  'sku',
  'a',
  'b',
  'c0',
  't00',
  'representations',
  '_0',
];

/** Writes a random operation. It is invalid where two of its fields cannot be merged. */
export function generateOperation(schema: GraphQLSchema, chance: Chance): OperationModel {
  const fragments: string[] = [];
  const definitions: string[] = [];
  const variables: Record<string, unknown> = {};
  let aliases = 0;

  function declare(type: string, values: readonly unknown[], defaults: readonly string[]): string {
    const name = chance.flip(0.05) && definitions.length === 0 ? 'representations' : `v${definitions.length}`;
    const isNonNull = type.endsWith('!');
    const given = chance.flip(0.25) && defaults.length > 0 ? ` = ${chance.pick(defaults)}` : '';
    definitions.push(`$${name}: ${type}${given}`);
    const isGiven = (isNonNull && given === '') || chance.flip(0.6);
    if (isGiven) variables[name] = chance.pick(values);
    return `$${name}`;
  }

  function conditions(): string {
    if (!chance.flip(0.12)) return '';
    const directive = chance.pick(['skip', 'include']);
    const [first] = definitions.filter((text) => text.includes(': Boolean!'));
    const known = first?.slice(0, first.indexOf(':'));
    const value = chance.flip(0.15)
      ? String(chance.flip(0.5))
      : known !== undefined && chance.flip(0.5)
        ? known
        : declare('Boolean!', [true, false], ['true', 'false']);
    return ` @${directive}(if: ${value})`;
  }

  function literal(type: GraphQLInputType, depth: number): string {
    if (isNonNullType(type)) return literal(type.ofType, depth);
    if (isListType(type)) return chance.flip(0.8) ? `[${literal(type.ofType, depth)}]` : literal(type.ofType, depth);
    if (isEnumType(type)) return chance.pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = chance.some(Object.values(type.getFields()), depth > 1 ? 0.2 : 0.5);
      return `{ ${fields.map((field) => `${field.name}: ${literal(field.type, depth + 1)}`).join(', ')} }`;
    }
    return { Boolean: String(chance.flip(0.5)), String: '"s\\u2028é\\n"', Int: '7', Float: '1.5' }[type.name] ?? '"i"';
  }

  function argumentText(argument: GraphQLArgument): string[] {
    if (!isRequiredArgument(argument) && !chance.flip(0.7)) return [];
    const type = String(argument.type);
    const value = { Int: 5, Float: 2.5, String: '\u2028"', Boolean: true }[getNamedType(argument.type).name];
    if (!chance.flip(0.4) || value === undefined) return [`${argument.name}: ${literal(argument.type, 0)}`];
    const listed = type.startsWith('[') ? [value] : value;
    const isNonNull = isNonNullType(argument.type);
    const values = isNonNull ? [listed] : [listed, listed, null];
    return [`${argument.name}: ${declare(type, values, [JSON.stringify(listed)])}`];
  }

  function fieldText(field: GraphQLField<unknown, unknown>, depth: number): string {
    const given = field.args.flatMap(argumentText);
    const alias = chance.flip(0.3)
      ? `${chance.flip(0.3) ? chance.pick(oddAliases) : `k${(aliases += 1)}`}: `
      : given.length > 0 && chance.flip(0.9)
        ? `k${(aliases += 1)}: `
        : '';
    const named = getNamedType(field.type);
    const below = isCompositeType(named) ? ` ${selectionText(named, depth - 1)}` : '';
    return `${alias}${field.name}${given.length === 0 ? '' : `(${given.join(', ')})`}${conditions()}${below}`;
  }

  function fragmentText(type: GraphQLCompositeType, depth: number): string {
    const body = selectionText(type, depth);
    if (chance.flip(0.75)) return `... on ${type.name}${conditions()} ${body}`;
    const name = `F${fragments.length}`;
    fragments.push(`fragment ${name} on ${type.name} ${body}`);
    return `...${name}${conditions()}`;
  }

  function selectionText(type: GraphQLCompositeType, depth: number): string {
    const selections: string[] = [];
    const fields = isUnionType(type) ? [] : Object.values(type.getFields());
    const usable = fields.filter((field) => depth > 0 || !isCompositeType(getNamedType(field.type)));
    const count = usable.length === 0 ? 0 : 1 + chance.below(depth > 2 ? 4 : 3);
    for (let number = 0; number < count; number += 1) selections.push(fieldText(chance.pick(usable), depth));
    if (depth > -2) for (const condition of fragmentTypes(type)) selections.push(fragmentText(condition, depth - 1));
    if (selections.length === 0 || chance.flip(0.15)) {
      selections.push(`${chance.flip(0.2) ? `k${(aliases += 1)}: ` : ''}__typename`);
    }
    return `{ ${selections.join(' ')} }`;
  }

  function fragmentTypes(type: GraphQLCompositeType): GraphQLCompositeType[] {
    if (!isAbstractType(type)) {
      const around = [type, ...(isUnionType(type) ? [] : (type as GraphQLObjectType).getInterfaces())];
      return chance.flip(0.15) ? [chance.pick(around)] : [];
    }
    const possible = schema.getPossibleTypes(type);
    const others = Object.values(schema.getTypeMap()).filter(
      (other) => isAbstractType(other) && possible.some((object) => schema.getPossibleTypes(other).includes(object)),
    );
    return [...chance.some(possible, 0.5), ...chance.some(others.filter(isCompositeType), 0.15)];
  }

  const mutation = schema.getMutationType();
  const isMutation = mutation != null && chance.flip(0.3);
  const root = isMutation ? mutation : schema.getQueryType();
  if (root == null) throw new Error('The schema has no queries');
  const body = selectionText(root, 2 + chance.below(3));
  const head = definitions.length === 0 ? '' : `(${definitions.join(', ')})`;
  return { source: [`${isMutation ? 'mutation' : 'query'}${head} ${body}`, ...fragments].join('\n'), variables };
}
