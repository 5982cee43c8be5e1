import { Kind, visit, type DocumentNode, type OperationDefinitionNode } from 'graphql';

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
  const definitions = document.definitions.filter(
    (definition) => definition === operation || definition.kind === Kind.FRAGMENT_DEFINITION,
  );
  for (const definition of definitions) {
    visit(definition, {
      Directive({ name, arguments: given }) {
        const value = given?.[0]?.value;
        const isCondition = name.value === 'skip' || name.value === 'include';
        if (isCondition && value?.kind === Kind.VARIABLE) most[value.name.value] = name.value === 'include';
      },
    });
  }
  return { variables: Object.keys(most), most };
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
