import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
} from 'graphql';

export interface RandomOperation {
  readonly source: string;
  readonly variables: Record<string, unknown>;
}

/** A small reproducible source of chance (mulberry32). */
export function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const aliases = ['a', 'b', 'name', 'id', 'upc', 'price', '__proto__', 'toString', 'representations'];

/**
 * Writes a random query: aliases that clash with other fields' names, fragments, conditions, abstract types.
 * It may be invalid where two of its fields cannot be merged; the caller throws such away.
 *
 * @param values GraphQL texts to choose from for an argument, by its name
 */
export function randomOperation(
  schema: GraphQLSchema,
  chance: () => number,
  values: Readonly<Record<string, readonly string[]>>,
): RandomOperation {
  const fragments: string[] = [];
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(chance() * items.length)] as Item;

  function condition(): string {
    if (chance() > 0.15) return '';
    return ` @${pick(['skip', 'include'])}(if: ${pick(['$yes', '$no', '$yes', 'true', 'false'])})`;
  }

  function field({ name, args, type }: GraphQLField<unknown, unknown>, depth: number): string {
    const given = args
      .filter((argument) => argument.type.toString().endsWith('!') || chance() < 0.5)
      .map((argument) => `${argument.name}: ${pick(values[argument.name] ?? ['null'])}`);
    const alias = chance() < 0.25 ? `${pick(aliases)}: ` : '';
    const named = getNamedType(type);
    const below = isCompositeType(named) ? ` ${selectionSet(named, depth - 1)}` : '';
    return `${alias}${name}${given.length === 0 ? '' : `(${given.join(', ')})`}${condition()}${below}`;
  }

  function fragment(type: GraphQLCompositeType, depth: number): string {
    const body = selectionSet(type, depth);
    if (chance() < 0.5) return `... on ${type.name}${condition()} ${body}`;
    const name = `F${fragments.length}`;
    fragments.push(`fragment ${name} on ${type.name} ${body}`);
    return `...${name}${condition()}`;
  }

  function selectionSet(type: GraphQLCompositeType, depth: number): string {
    const selections: string[] = [];
    const fields = isUnionType(type) ? [] : Object.values(type.getFields());
    const within = fields.filter(({ type: of }) => depth > 0 || !isCompositeType(getNamedType(of)));
    const count = 1 + Math.floor(chance() * 4);
    for (let index = 0; index < count && within.length > 0; index += 1) selections.push(field(pick(within), depth));
    if (isUnionType(type) || isInterfaceType(type)) {
      for (const possible of schema.getPossibleTypes(type)) {
        if (chance() < 0.6) selections.push(fragment(possible, depth - 1));
      }
    } else if (isObjectType(type) && depth > 0 && chance() < 0.3) {
      selections.push(fragment(type, depth - 1));
    }
    if (selections.length === 0 || chance() < 0.2) selections.push(`${pick(['', 't: '])}__typename`);
    return `{ ${selections.join(' ')} }`;
  }

  const root = schema.getQueryType();
  if (root == null) throw new Error('The schema has no queries');
  const body = selectionSet(root, 4);
  const text = [body, ...fragments].join('\n');
  const used = [
    ['yes', '$yes: Boolean! = true'],
    ['no', '$no: Boolean! = false'],
  ].filter(([name]) => text.includes(`$${name}`));
  const definitions = used.length === 0 ? '' : `(${used.map(([, definition]) => definition).join(', ')})`;
  return {
    source: `query ${definitions} ${text}`,
    variables: Object.fromEntries(used.flatMap(([name]) => (chance() < 0.5 ? [[name, chance() < 0.5]] : []))),
  };
}
