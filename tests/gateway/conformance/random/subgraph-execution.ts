import {
  buildASTSchema,
  execute,
  Kind,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLTypeResolver,
  type SelectionSetNode,
} from 'graphql';
import type { Declared } from './declare-subgraph.js';
import { printExecutable } from './print-world.js';
import { parseSelection } from './selection-text.js';
import { canonicalText, isHandle, type Arguments, type Handle, type WorldData } from './world-data.js';
import { allMembers, type FieldModel, type World } from './world.js';
import type { WorldIndex } from './world-index.js';

/** Answers one subgraph's requests. */
export type ExecuteSubgraph = (query: string, variables: Readonly<Record<string, unknown>>) => ExecutionResult;

type Representation = Readonly<Record<string, unknown>>;

/**
 * Creates a subgraph that holds its gateway to the contract: asked for a field that it cannot answer there (external,
 * overridden, without what it requires) or for an entity by a key that it does not have, it fails.
 */
export function createSubgraph(
  world: World,
  declared: Declared,
  index: WorldIndex,
  dataOf: () => WorldData,
): ExecuteSubgraph {
  const { subgraph } = declared;
  const schema = buildASTSchema(parse(printExecutable(world, declared), { noLocation: true }), { assumeValid: true });
  const documents = new Map<string, DocumentNode>();

  function resolveEntity(representation: Representation): Handle | null {
    const typeName = String(representation['__typename']);
    const model = world.interfaces.find(({ name }) => name === typeName);
    const isKeyedInterface = model?.home === subgraph;
    const keys = isKeyedInterface ? [{ fields: 'id', isResolvable: true }] : declared.objects.get(typeName)?.keys;
    const types = model === undefined ? [typeName] : allMembers(model);
    for (const key of keys ?? []) {
      if (!key.isResolvable) continue;
      for (const type of types) {
        const found = dataOf().find(type, key.fields, representation);
        if (found === undefined) continue;
        return dataOf().isMissing(found, subgraph) ? null : { ...found, representation, knownAs: typeName };
      }
    }
    throw new Error(`MISPLANNED ${subgraph} has no entity ${JSON.stringify(representation)}`);
  }

  function requiredBy(field: FieldModel, handle: Handle): string | undefined {
    if (field.requires === undefined) return undefined;
    const text = canonicalText(handle.representation ?? {}, parseSelection(field.requires));
    if (text === undefined) throw new Error(`MISPLANNED ${subgraph} lacks ${field.requires} of ${handle.id}`);
    return text;
  }

  const fieldResolver: GraphQLFieldResolver<unknown, unknown, Arguments> = (source, values, _context, info) => {
    if (info.fieldName === '_entities') {
      return (values['representations'] as Representation[]).map((representation) =>
        attempt(resolveEntity, representation),
      );
    }
    const handle: Handle = isHandle(source)
      ? source
      : { type: info.parentType.name, id: info.parentType.name, index: 0 };
    const field = index.field(handle.type, info.fieldName);
    const below = (handle.provided ?? []).flatMap((selection) => selectionsOf(selection, handle.type, field.name));
    const isExternal = declared.objects.get(info.parentType.name)?.fields.get(field.name)?.isExternal === true;
    const { from, label } = field.overrides ?? {};
    const isOverridden = from === subgraph && label === undefined;
    const isNotYet = label !== undefined && field.owners?.includes(subgraph) === true;
    if ((isExternal && below.length === 0) || isOverridden || isNotYet) {
      throw new Error(`MISPLANNED ${subgraph} does not answer ${handle.type}.${field.name} here`);
    }
    const value = dataOf().valueOf(handle, field, values, requiredBy(field, handle));
    const provided = field.provides[subgraph];
    const selections = provided === undefined ? below : [...below, parseSelection(provided)];
    return selections.length === 0
      ? value
      : provide(
          value,
          selections.filter((selection) => selection !== emptySelection),
        );
  };

  const typeResolver: GraphQLTypeResolver<unknown, unknown> = (value) => {
    if (!isHandle(value)) return undefined;
    if (declared.objects.has(value.type)) return value.type;
    if (value.knownAs !== undefined && declared.objects.has(value.knownAs)) return value.knownAs;
    return world.interfaces.find(
      (model) => model.extension?.subgraph === subgraph && allMembers(model).includes(value.type),
    )?.name;
  };

  return (query, variableValues) => {
    const document = documents.get(query) ?? parse(query, { noLocation: true });
    if (!documents.has(query)) {
      const faults = validate(schema, document);
      if (faults.length > 0) return { errors: faults };
      documents.set(query, document);
    }
    const answer = execute({ schema, document, variableValues, fieldResolver, typeResolver });
    if ('then' in answer) throw new TypeError('All resolvers are synchronous');
    return answer;
  };
}

/** An item of a list that fails must not take the others with it. */
function attempt<Input, Output>(work: (input: Input) => Output, input: Input): Output | Error {
  try {
    return work(input);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const emptySelection: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };

/** What is selected below a field; the empty selection where it is named and has nothing below. */
function selectionsOf({ selections }: SelectionSetNode, typeName: string, fieldName: string): SelectionSetNode[] {
  return selections.flatMap((selection): SelectionSetNode[] => {
    if (selection.kind === Kind.FIELD) {
      return selection.name.value === fieldName ? [selection.selectionSet ?? emptySelection] : [];
    }
    if (selection.kind !== Kind.INLINE_FRAGMENT) return [];
    const condition = selection.typeCondition?.name.value ?? typeName;
    return condition === typeName ? selectionsOf(selection.selectionSet, typeName, fieldName) : [];
  });
}

function provide(value: unknown, provided: readonly SelectionSetNode[]): unknown {
  if (Array.isArray(value)) return value.map((item) => provide(item, provided));
  return isHandle(value) ? { ...value, provided } : value;
}
