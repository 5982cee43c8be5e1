import {
  Kind,
  type DirectiveNode,
  type DocumentNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** Values of the variables that decide what is asked for. */
export type Decisions = Readonly<Record<string, unknown>>;

/** What an operation's `@skip` and `@include` depend on. */
export interface Conditions {
  /** The deciding variables; none for an operation that is planned once for all. */
  readonly variables: readonly string[];
  /** The values under which most is asked for. */
  readonly most: Decisions;
}

/** Finds the conditions of an operation and of the document's fragments. */
export function findConditions(document: DocumentNode, operation: OperationDefinitionNode): Conditions {
  const most: Record<string, boolean> = {};
  for (const definition of document.definitions) {
    if (definition !== operation && definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    addConditions(most, definition.selectionSet);
  }
  return { variables: Object.keys(most), most };
}

/** The variables that decide whether something is answered, in any operation of a document or in these selections. */
export function conditionVariables(document: DocumentNode, selectionSet: SelectionSetNode): readonly string[] {
  const most: Record<string, boolean> = {};
  for (const definition of document.definitions) {
    if ('selectionSet' in definition) addConditions(most, definition.selectionSet);
  }
  addConditions(most, selectionSet);
  return Object.keys(most);
}

/** By hand: graphql-js's `visit`, which looks at every name and argument, takes ten times as long. */
function addConditions(most: Record<string, boolean>, { selections }: SelectionSetNode): void {
  for (const selection of selections) {
    for (const directive of selection.directives ?? []) addCondition(most, directive);
    if ('selectionSet' in selection && selection.selectionSet !== undefined)
      addConditions(most, selection.selectionSet);
  }
}

function addCondition(most: Record<string, boolean>, { name, arguments: given }: DirectiveNode): void {
  const value = given?.[0]?.value;
  const isCondition = name.value === 'skip' || name.value === 'include';
  if (isCondition && value?.kind === Kind.VARIABLE) most[value.name.value] = name.value === 'include';
}

/** Every way in which an operation can be decided. */
export function allDecisions({ variables }: Conditions): Decisions[] {
  return variables.reduce<Decisions[]>(
    (all, name) => all.flatMap((decisions) => [false, true].map((value) => ({ ...decisions, [name]: value }))),
    [{}],
  );
}

/** A text that is the same for values that decide the same. */
export function textOfDecisions({ variables }: Conditions, decisions: Decisions): string {
  let text = '';
  for (const name of variables) text += decisions[name] === true ? '1' : '0';
  return text;
}
