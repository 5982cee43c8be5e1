import type { Declared } from './declare-subgraph.js';
import { block, printArguments, printEnum, printInput } from './print-world.js';
import { allMembers, type FieldModel, type World } from './world.js';

/**
 * Prints the schema that all subgraphs make together, as consumers see it.
 *
 * @param showsHidden whether what is `@inaccessible` is there all the same
 */
export function printMonolith(world: World, subgraphs: readonly Declared[], showsHidden: boolean): string {
  const isShown = ({ isInaccessible }: { readonly isInaccessible: boolean }): boolean => showsHidden || !isInaccessible;
  const hidden = new Set(world.objects.filter((object) => !isShown(object)).map(({ name }) => name));
  const isDeclared = (name: string): boolean => subgraphs.some(({ others }) => others.has(name));

  const fieldLines = (fields: Iterable<FieldModel>): string =>
    block(
      [...new Map([...fields].map((field) => [field.name, field])).values()]
        .filter(isShown)
        .map(({ name, arguments: given, type }) => `${name}${printArguments(given)}: ${type}`),
    );
  const interfaces = world.interfaces.map((model) => {
    const members = allMembers(model).filter((name) => !hidden.has(name));
    const fields = [
      ...subgraphs.flatMap((declared) => declared.interfaces.get(model.name)?.fields ?? []),
      ...(model.extension?.fields ?? []),
    ];
    return { model, members, fields };
  });

  const objects = world.objects.filter(isShown).flatMap(({ name }) => {
    const declared = subgraphs.flatMap(({ objects: known }) => known.get(name) ?? []);
    if (declared.length === 0) return [];
    const implemented = interfaces.filter(({ members }) => members.includes(name));
    const fields = [
      ...declared.flatMap((object) => [...object.fields.values()].map((field) => field.model)),
      ...implemented.flatMap(({ model }) => model.extension?.fields ?? []),
    ];
    const names = implemented.map(({ model }) => model.name);
    return `type ${name}${names.length === 0 ? '' : ` implements ${names.join(' & ')}`} ${fieldLines(fields)}`;
  });

  const isKnownToAll = (name: string) => (known: readonly string[] | undefined) =>
    subgraphs.every(({ subgraph, others }) => !others.has(name) || (known?.includes(subgraph) ?? true));
  const isKnownToAny = (name: string) => (known: readonly string[] | undefined) =>
    subgraphs.some(({ subgraph, others }) => others.has(name) && (known?.includes(subgraph) ?? true));
  return [
    `type Query ${fieldLines(world.queries)}`,
    world.mutations.length > 0 ? `type Mutation ${fieldLines(world.mutations)}` : '',
    ...objects,
    ...interfaces.map(({ model, fields }) => `interface ${model.name} ${fieldLines(fields)}`),
    ...world.unions.map((model) => {
      const members = allMembers(model).filter((name) => !hidden.has(name));
      return `union ${model.name} = ${members.join(' | ')}`;
    }),
    ...world.enums
      .filter(({ name }) => isDeclared(name))
      .map((model) => printEnum({ ...model, values: model.values.filter(isShown) }, isKnownToAny(model.name), false)),
    ...world.inputs.filter(({ name }) => isDeclared(name)).map((model) => printInput(model, isKnownToAll(model.name))),
  ]
    .filter((text) => text !== '')
    .join('\n');
}
