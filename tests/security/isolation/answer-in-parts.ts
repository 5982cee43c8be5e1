import { Kind, parse, print, visit, type SelectionSetNode } from 'graphql';
import { askInParts, mergeParts } from '../../gateway/support/deferred-answers.js';
import type { Transport } from '../../gateway/support/transports.js';

/** Sends a query with all that it asks for put off by `@defer`, and puts the answer together from its parts. */
export const answerInParts: Transport = {
  name: 'answer in parts',
  carries: ['query'],
  async send(url, operation, { authorization } = {}) {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const body = { ...operation, query: putOff(operation.query ?? '') };
    const parts = await askInParts(url, body, undefined, headers);
    const answer = mergeParts(parts);
    if (answer.errors === undefined && parts.length < 2) throw new Error(`It came all at once: ${body.query}`);
    return { answers: [answer], code: answer.errors?.[0]?.extensions?.['code'] ?? 200 };
  },
};

function putOff(query: string): string {
  const deferred = (selectionSet: SelectionSetNode): SelectionSetNode => ({
    kind: Kind.SELECTION_SET,
    selections: [
      {
        kind: Kind.INLINE_FRAGMENT,
        directives: [{ kind: Kind.DIRECTIVE, name: { kind: Kind.NAME, value: 'defer' } }],
        selectionSet,
      },
    ],
  });
  return print(
    visit(parse(query), {
      OperationDefinition: (definition) => ({ ...definition, selectionSet: deferred(definition.selectionSet) }),
    }),
  );
}
