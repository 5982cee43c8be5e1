import { AppError } from '@tessera/service/errors';
import type { Principal } from '@tessera/service/identity';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { GivenVariables } from './cost/amount.js';
import type { CostOf, OperationCost } from './cost/operation-cost.js';
import { factsOf, type OperationFacts } from './operation-facts.js';
import { assertVariablesWithin, type VariableLimits } from './variable-limits.js';

/** Who may ask for the schema, and is told what might have been meant. */
export type Introspection = 'everybody' | 'authenticated' | 'nobody';

/** An operation that may run as far as its text and its variables decide; what later guards count by. */
export interface AdmittedOperation extends OperationFacts {
  /** The most that it can cost with the variables of its request. */
  readonly cost: number;
  /** For what its answer will have cost. */
  readonly costs: OperationCost;
}

export interface AdmissionOptions {
  readonly costOf: CostOf;
  /** 0: whatever it costs. */
  readonly maxCost: number;
  readonly introspection: Introspection;
  readonly variables: VariableLimits;
}

/** Judges operations by what they ask for. */
export interface Admission {
  /**
   * @param document valid, and within the limit of what fragments may spread to
   * @param variables as the client sent them
   * @throws AppError `OPERATION_TOO_COMPLEX` with `cost` and `limit` in its details, or `GRAPHQL_VALIDATION_FAILED`, or `BAD_USER_INPUT`
   *   for variables
   */
  admit(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: GivenVariables | undefined,
    principal: Principal,
  ): AdmittedOperation;
  mayIntrospect(principal: Principal): boolean;
}

/** Creates the last guard that needs no plan; it holds on every transport. */
export function createAdmission(options: AdmissionOptions): Admission {
  const { costOf, maxCost, introspection } = options;
  const mayIntrospect = ({ kind }: Principal): boolean =>
    introspection === 'everybody' || (introspection === 'authenticated' && kind !== 'anonymous');

  return {
    mayIntrospect,
    admit(document, operation, variables, principal) {
      const facts = factsOf(document, operation);
      if (facts.introspects && !mayIntrospect(principal)) {
        const hint = introspection === 'authenticated' ? ': sign in to ask for it' : '';
        throw new AppError('GRAPHQL_VALIDATION_FAILED', `The schema is not shown to this caller${hint}`);
      }
      if (variables !== undefined) assertVariablesWithin(variables, options.variables);
      const costs = costOf(document, operation);
      const cost = costs.estimate(variables);
      if (maxCost > 0) {
        const fault = costs.fault(variables);
        if (fault !== undefined) throw new AppError('GRAPHQL_VALIDATION_FAILED', fault);
        if (cost > maxCost) {
          throw new AppError('OPERATION_TOO_COMPLEX', `The operation may cost ${cost}, which is more than ${maxCost}`, {
            details: { cost, limit: maxCost },
          });
        }
      }
      return { rootFields: facts.rootFields, introspects: facts.introspects, cost, costs };
    },
  };
}
