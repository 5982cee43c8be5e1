import { errorExtensions, type AppError } from '@tessera/service/errors';
import type { GraphQLCompositeType, SelectionSetNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { AnswerWriter, PrepareAnswer } from '../execution/answer.js';
import { conditionVariables } from '../planning/conditions.js';
import { createCollectFields } from './collect-fields.js';
import { maskFault, type TellFault } from './error-masking.js';
import { FaultlessAnswers } from './faultless-answers.js';
import { generateProjection } from './generate-projection.js';
import { prepareIntrospection, type Introspect } from './introspection.js';
import type { ProjectObject } from './project-object.js';
import { compileProjection } from './projection.js';
import { ProjectionState, reportedNull } from './projection-state.js';

/** Each choice of `@skip` and `@include` has a projection of its own; so many of one operation are kept. */
const maxProjections = 64;

interface Prepared {
  readonly project: ProjectObject;
  readonly faultless: FaultlessAnswers;
  readonly introspect: Introspect;
}

type Variables = Readonly<Record<string, unknown>>;

/**
 * Creates the making of writers of operations' answers; handed to the engine.
 *
 * @param tell what clients see of what subgraphs said
 */
export function createPrepareAnswer(tell: TellFault = maskFault): PrepareAnswer {
  return (...operation) => prepareAnswer(tell, ...operation);
}

function prepareAnswer(
  tell: TellFault,
  ...[schema, document, operation, keys, code]: Parameters<PrepareAnswer>
): AnswerWriter {
  const root = schema.getRootType(operation.operation) ?? undefined;

  /** Makes the projections of one selection set when they are first asked for. */
  function prepareSelections(type: GraphQLCompositeType | undefined, selectionSet: SelectionSetNode) {
    const conditions = conditionVariables(document, selectionSet);
    const prepared = new LRUCache<string, Prepared>({ max: maxProjections });
    return (variables: Variables): Prepared => {
      const choice = conditions.map((name) => (variables[name] === true ? '1' : '0')).join('');
      const known = prepared.get(choice);
      if (known !== undefined) return known;
      if (type === undefined) throw new TypeError(`The schema has no type for a ${operation.operation}`);
      const collectFields = createCollectFields(schema, document, (name) => choice[conditions.indexOf(name)] === '1');
      const rootFields = type === root ? collectFields(type, [selectionSet]).fields.values() : [];
      const made = {
        project: compileProjection(schema, type, selectionSet, collectFields, keys),
        faultless: new FaultlessAnswers(
          () => generateProjection(schema, type, selectionSet, collectFields, { keys, code }),
          code.usesBeforeCode,
        ),
        introspect: prepareIntrospection(schema, document, operation, rootFields),
      };
      prepared.set(choice, made);
      return made;
    };
  }

  const prepareWhole = prepareSelections(root, operation.selectionSet);
  return {
    write(tree, unplaced, variables, requestId) {
      const { project, faultless, introspect } = prepareWhole(variables);
      const whole = unplaced.length === 0 ? faultless.project(tree) : undefined;
      if (whole !== undefined) return { data: whole };
      const state = new ProjectionState(keys, { tell, requestId }, introspect(variables));
      const data = dataOf(project(tree, state));
      state.report(unplaced);
      return state.errors.length === 0 ? { data } : { errors: state.errors, data };
    },
    warm: (variables) => void prepareWhole(variables),
    fragment(type, selectionSet) {
      const prepare = prepareSelections(type, selectionSet);
      return {
        write(object, path, unplaced, variables, requestId) {
          const { project, introspect } = prepare(variables);
          const state = new ProjectionState(keys, { tell, requestId }, introspect(variables), path);
          const data = dataOf(project(object, state));
          state.report(unplaced);
          return { data, errors: state.errors };
        },
      };
    },
    refuse: (reasons, requestId) => ({ errors: reasons.map((reason) => refusal(reason, requestId)) }),
  };
}

function dataOf(projected: unknown): Record<string, unknown> | null {
  return projected === reportedNull ? null : (projected as Record<string, unknown>);
}

function refusal(reason: AppError, requestId: string) {
  return maskFault({ message: reason.message, extensions: { ...errorExtensions(reason) } }, undefined, requestId);
}
