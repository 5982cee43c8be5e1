import { errorExtensions, type AppError } from '@tessera/service/errors';
import { Kind, visit, type DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { PrepareAnswer } from '../execution/answer.js';
import { createCollectFields } from './collect-fields.js';
import { maskFault } from './error-masking.js';
import { prepareIntrospection, type Introspect } from './introspection.js';
import type { ProjectObject } from './project-object.js';
import { compileProjection } from './projection.js';
import { ProjectionState, reportedNull } from './projection-state.js';

/** Each choice of `@skip` and `@include` has a projection of its own; so many of one operation are kept. */
const maxProjections = 64;

interface Prepared {
  readonly project: ProjectObject;
  readonly introspect: Introspect;
}

/** Makes the writer of one operation's answers; handed to the engine. */
export const prepareAnswer: PrepareAnswer = (schema, document, operation, keys) => {
  const conditions = conditionVariables(document);
  const prepared = new LRUCache<string, Prepared>({ max: maxProjections });

  function prepare(variables: Readonly<Record<string, unknown>>): Prepared {
    const choice = conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
    const known = prepared.get(choice);
    if (known !== undefined) return known;
    const root = schema.getRootType(operation.operation);
    if (root == null) throw new TypeError(`The schema has no type for a ${operation.operation}`);
    const collectFields = createCollectFields(schema, document, (name) => choice[conditions.indexOf(name)] === '1');
    const { fields } = collectFields(root, [operation.selectionSet]);
    const made = {
      project: compileProjection(schema, root, operation.selectionSet, collectFields, keys),
      introspect: prepareIntrospection(schema, document, operation, fields.values()),
    };
    prepared.set(choice, made);
    return made;
  }

  return {
    write(tree, unplaced, variables, requestId) {
      const { project, introspect } = prepare(variables);
      const state = new ProjectionState(keys, requestId, introspect(variables));
      const projected = project(tree, state);
      const data = projected === reportedNull ? null : (projected as Record<string, unknown>);
      for (const { fault, path } of unplaced) state.report(fault, path);
      return state.errors.length === 0 ? { data } : { errors: state.errors, data };
    },
    refuse: (reasons, requestId) => ({ errors: reasons.map((reason) => refusal(reason, requestId)) }),
  };
};

function refusal(reason: AppError, requestId: string) {
  return maskFault({ message: reason.message, extensions: { ...errorExtensions(reason) } }, undefined, requestId);
}

/** The variables that decide whether something is answered, in any operation of the document. */
function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given }) {
      const condition = given?.[0]?.value;
      const isCondition = name.value === 'skip' || name.value === 'include';
      if (isCondition && condition?.kind === Kind.VARIABLE) names.add(condition.name.value);
    },
  });
  return [...names];
}
