import type { Declared, DeclaredField, DeclaredObject } from './declare-subgraph.js';
import type { ArgumentModel, ContextModel, EnumModel, FieldModel, InputModel, World } from './world.js';

/** Prints a subgraph's SDL with its federation directives; the `@link` is not part of it. */
export function printSubgraph(world: World, declared: Declared): string {
  return print(world, declared, true);
}

/** Prints what a subgraph's server executes: without directives, with `_entities`. */
export function printExecutable(world: World, declared: Declared): string {
  const entities = [...declared.objects.values()].filter(({ keys }) => keys.some(({ isResolvable }) => isResolvable));
  const machinery =
    entities.length === 0
      ? ''
      : `\nscalar _Any\nunion _Entity = ${entities.map(({ model }) => model.name).join(' | ')}
extend type Query { _entities(representations: [_Any!]!): [_Entity]! }`;
  return print(world, declared, false) + machinery;
}

function print(world: World, declared: Declared, isFederated: boolean): string {
  const { subgraph } = declared;
  const directives = (...texts: (string | false)[]) =>
    isFederated ? texts.flatMap((text) => (text === false ? [] : ` ${text}`)).join('') : '';

  function printField({ model, isExternal }: DeclaredField): string {
    const isOwner = !isExternal && model.owners?.includes(subgraph) === true;
    const provided = model.provides[subgraph];
    const { fromContext } = model;
    const given =
      fromContext === undefined
        ? model.arguments.map(printArgument)
        : [...model.arguments.map(printArgument), printTold(fromContext, isFederated)];
    return `${model.name}${inParentheses(given)}: ${model.type}${directives(
      isExternal && '@external',
      !isExternal && isShareable(world, model) && '@shareable',
      isOwner && model.requires !== undefined && `@requires(fields: ${JSON.stringify(model.requires)})`,
      provided !== undefined && `@provides(fields: ${JSON.stringify(provided)})`,
      isOwner && model.overrides !== undefined && printOverride(model.overrides),
      model.isInaccessible && !isExternal && '@inaccessible',
    )}`;
  }

  function printObject({ model, keys, fields, isInterfaceObject }: DeclaredObject): string {
    const interfaces = world.interfaces.filter(({ members }) => members[subgraph]?.includes(model.name) === true);
    const implemented = interfaces.length === 0 ? '' : ` implements ${interfaces.map(({ name }) => name).join(' & ')}`;
    const marks = directives(
      ...keys.map((key) => `@key(fields: "${key.fields}"${key.isResolvable ? '' : ', resolvable: false'})`),
      ...contextsOf(world, declared, model.name).map((name) => `@context(name: "${name}")`),
      isInterfaceObject && '@interfaceObject',
      model.isInaccessible && '@inaccessible',
    );
    return `type ${model.name}${implemented}${marks} ${block([...fields.values()].map(printField))}`;
  }

  const roots = (fields: readonly FieldModel[]) =>
    block(fields.map((model) => printField({ model, isExternal: false })));
  return [
    declared.queries.length > 0 ? `type Query ${roots(declared.queries)}` : isFederated ? '' : 'type Query',
    declared.mutations.length > 0 ? `type Mutation ${roots(declared.mutations)}` : '',
    ...[...declared.objects.values()].map(printObject),
    ...[...declared.interfaces.values()].map(
      ({ model, fields }) =>
        `interface ${model.name}${directives(model.home === subgraph && '@key(fields: "id")')} ${block(
          fields.map(({ name, type, arguments: given }) => `${name}${printArguments(given)}: ${type}`),
        )}`,
    ),
    ...[...declared.unions].map(({ name, members }) => `union ${name} = ${members[subgraph]?.join(' | ')}`),
    ...world.enums
      .filter(({ name }) => declared.others.has(name))
      .map((model) => printEnum(model, (subgraphs) => subgraphs?.includes(subgraph) ?? true, isFederated)),
    ...world.inputs
      .filter(({ name }) => declared.others.has(name))
      .map((model) => printInput(model, (subgraphs) => subgraphs?.includes(subgraph) ?? true)),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

function printOverride({ from, label }: { readonly from: string; readonly label: string | undefined }): string {
  return `@override(from: "${from}"${label === undefined ? '' : `, label: "${label}"`})`;
}

/** Whether several subgraphs may resolve it. */
function isShareable(world: World, field: FieldModel): boolean {
  if (field.isKey || field.owners === undefined || field.owners.length > 1) return true;
  const mentions = new RegExp(`\\b${field.name}\\b`);
  const fields = [
    ...world.queries,
    ...world.mutations,
    ...world.objects.flatMap((object) => object.fields),
    ...world.interfaces.flatMap(({ extension }) => extension?.fields ?? []),
  ];
  return fields.some(({ provides }) => Object.values(provides).some((text) => mentions.test(text)));
}

/** The contexts that an object sets in a subgraph. */
function contextsOf(world: World, { subgraph }: Declared, typeName: string): readonly string[] {
  const owned = world.objects.flatMap(({ fields }) => fields.filter(({ owners }) => owners?.includes(subgraph)));
  return owned.flatMap(({ fromContext }) => (fromContext?.sources[typeName] === undefined ? [] : fromContext.name));
}

function printTold({ name, argument, sources }: ContextModel, isFederated: boolean): string {
  if (!isFederated) return printArgument(argument);
  const selections = Object.entries(sources).map(([type, field]) => `... on ${type} { ${field} }`);
  return `${printArgument(argument)} @fromContext(field: "$${name} ${selections.join(' ')}")`;
}

export function printArguments(given: readonly ArgumentModel[]): string {
  return inParentheses(given.map(printArgument));
}

function inParentheses(given: readonly string[]): string {
  return given.length === 0 ? '' : `(${given.join(', ')})`;
}

function printArgument({ name, type, defaultValue }: ArgumentModel): string {
  return `${name}: ${type}${defaultValue === undefined ? '' : ` = ${defaultValue}`}`;
}

export function block(lines: readonly string[]): string {
  return `{\n${lines.map((line) => `  ${line}\n`).join('')}}`;
}

export function printEnum(
  { name, values }: EnumModel,
  isKnown: (subgraphs: readonly string[] | undefined) => boolean,
  isFederated: boolean,
): string {
  const lines = values.flatMap((value) =>
    isKnown(value.subgraphs) ? `${value.name}${isFederated && value.isInaccessible ? ' @inaccessible' : ''}` : [],
  );
  return `enum ${name} ${block(lines)}`;
}

export function printInput(
  { name, fields }: InputModel,
  isKnown: (subgraphs: readonly string[] | undefined) => boolean,
): string {
  return `input ${name} ${block(fields.flatMap((field) => (isKnown(field.subgraphs) ? printArgument(field) : [])))}`;
}
