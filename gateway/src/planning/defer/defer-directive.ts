import {
  DirectiveLocation,
  Kind,
  parse,
  visit,
  BREAK,
  type ASTNode,
  type DirectiveDefinitionNode,
  type DirectiveNode,
  type FragmentSpreadNode,
  type InlineFragmentNode,
} from 'graphql';

/** As documents write it after the `@`. */
export const deferName = 'defer';

/** `@defer` as consumers see it. */
export const deferDefinition = parseDefinition(`
  "The fields of this fragment may come later than the rest of the answer, to clients that accept that."
  directive @defer(
    "Whether they may."
    if: Boolean! = true
    "Marks what comes; each fragment has another one."
    label: String
  ) on ${DirectiveLocation.FRAGMENT_SPREAD} | ${DirectiveLocation.INLINE_FRAGMENT}
`);

/** The value of a boolean variable. */
export type DeferCondition = (variable: string) => boolean;

/** Whether a directive says that its fragment may come later. */
export function isDefer({ name }: DirectiveNode): boolean {
  return name.value === deferName;
}

/** Whether a directive decides if its selection is answered at all. */
export function isCondition({ name }: DirectiveNode): boolean {
  return name.value === 'skip' || name.value === 'include';
}

/** Whether a fragment is deferred, and under which label. */
export function deferral(
  { directives }: FragmentSpreadNode | InlineFragmentNode,
  isTrue: DeferCondition,
): { readonly label: string | undefined } | undefined {
  const directive = directives?.find(isDefer);
  if (directive === undefined) return undefined;
  const condition = argument(directive, 'if');
  if (condition?.kind === Kind.BOOLEAN && !condition.value) return undefined;
  if (condition?.kind === Kind.VARIABLE && !isTrue(condition.name.value)) return undefined;
  const label = argument(directive, 'label');
  return { label: label?.kind === Kind.STRING ? label.value : undefined };
}

/** The variables that decide whether a fragment is deferred; undefined where none ever is. */
export function deferVariables(node: ASTNode): readonly string[] | undefined {
  const names = new Set<string>();
  let isAny = false;
  visit(node, {
    Directive(directive) {
      if (!isDefer(directive)) return false;
      isAny = true;
      const condition = argument(directive, 'if');
      if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value);
      return false;
    },
  });
  return isAny ? [...names] : undefined;
}

/** Whether any fragment is marked so. */
export function hasDefer(node: ASTNode): boolean {
  let isAny = false;
  visit(node, {
    Directive(directive) {
      isAny ||= isDefer(directive);
      return isAny ? BREAK : false;
    },
  });
  return isAny;
}

/** @returns what a directive is given for an argument, undefined where it is given nothing */
export function argument(directive: DirectiveNode, name: string) {
  return directive.arguments?.find((given) => given.name.value === name)?.value;
}

function parseDefinition(sdl: string): DirectiveDefinitionNode {
  const [definition] = parse(sdl, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.DIRECTIVE_DEFINITION) throw new TypeError('Not the definition of a directive');
  return definition;
}
