import { isTypeDefinitionNode, Kind, type ConstDirectiveNode, type DocumentNode } from 'graphql';
import { createFieldRules, type FieldRules } from '../authorization/field-rules.js';
import { noRules, type Rules } from '../authorization/rules.js';
import { readGuardedTypes, type GuardedField, type GuardedTypes } from '../authorization/supergraph-types.js';

/** Which services can answer the fields of a supergraph, by `Type.field`: the names of their subgraphs. */
export type FieldServices = ReadonlyMap<string, readonly string[]>;

/** Reads from `@join__field`, or where a field has none from its type's `@join__type`, which subgraphs answer it. */
export function readFieldServices(document: DocumentNode): FieldServices {
  const names = readGraphNames(document);
  const services = new Map<string, readonly string[]>();
  const serviceOf = (directive: ConstDirectiveNode): readonly string[] => names.get(enumOf(directive, 'graph')) ?? [];
  for (const definition of document.definitions.filter(isTypeDefinitionNode)) {
    if (!('fields' in definition)) continue;
    const ofType = named(definition.directives, 'join__type').flatMap(serviceOf);
    for (const field of definition.fields ?? []) {
      const joined = named(field.directives, 'join__field').filter((directive) => hasArgument(directive, 'graph'));
      const owned = joined.filter((directive) => !hasArgument(directive, 'external')).flatMap(serviceOf);
      const coordinate = `${definition.name.value}.${field.name.value}`;
      services.set(coordinate, [...new Set(joined.length === 0 ? ofType : owned)]);
    }
  }
  return services;
}

/**
 * Types and rules as if every field asked for a service that can answer it: a field that only services can answer that are
 * switched off has a rule, and so has what needs such a field.
 */
export function rulesWithout(
  document: DocumentNode,
  services: FieldServices,
  disabled: readonly string[],
): { readonly types: GuardedTypes; readonly rules: FieldRules } {
  const rulesOf = (coordinate: string): Rules => {
    const able = services.get(coordinate) ?? [];
    if (able.length === 0 || able.some((name) => !disabled.includes(name))) return noRules;
    return new Map([[able.join(), { kind: 'policies', anyOf: [able] }]]);
  };
  const types: GuardedTypes = new Map(
    [...readGuardedTypes(document)].map(([typeName, type]) => [
      typeName,
      {
        ...type,
        rules: noRules,
        fields: new Map(
          [...type.fields].map(([name, field]): [string, GuardedField] => [
            name,
            { ...field, rules: rulesOf(`${typeName}.${name}`) },
          ]),
        ),
      },
    ]),
  );
  return { types, rules: createFieldRules(types) };
}

/** `AUTH` -> `auth`, as `@join__graph` has it. */
function readGraphNames(document: DocumentNode): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const { name, directives } of definition.values ?? []) {
      const value = named(directives, 'join__graph')[0]?.arguments?.find((given) => given.name.value === 'name')?.value;
      if (value?.kind === Kind.STRING) names.set(name.value, [value.value]);
    }
  }
  return names;
}

function named(directives: readonly ConstDirectiveNode[] = [], name: string): readonly ConstDirectiveNode[] {
  return directives.filter((directive) => directive.name.value === name);
}

function hasArgument({ arguments: given = [] }: ConstDirectiveNode, name: string): boolean {
  return given.some(
    (argument) => argument.name.value === name && !(argument.value.kind === Kind.BOOLEAN && !argument.value.value),
  );
}

function enumOf({ arguments: given = [] }: ConstDirectiveNode, name: string): string {
  const value = given.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.ENUM ? value.value : '';
}
