import { LRUCache } from 'lru-cache';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { deferVariables } from '../../planning/defer/defer-directive.js';
import { readDeferredFragments } from '../../planning/defer/deferred-fragments.js';
import type { EntityFacts } from '../../planning/defer/entity-facts.js';
import { splitPlan } from '../../planning/defer/split-plan.js';
import type { PlanNode } from '../../planning/query-plan.js';
import type { ResultKeys } from '../../planning/result-keys.js';
import type { Supergraph } from '../../planning/supergraph.js';
import type { PrepareAnswer } from '../answer.js';
import { lookOver } from '../compile-plan.js';
import type { OperationCode } from '../generated-code.js';
import type { PlanOptions } from '../run.js';
import { compileDeferral, type CompiledDeferral } from './compile-deferral.js';

/** What is deferred of an operation, for every choice of the variables that decide on it. */
export interface Deferral {
  /**
   * @param variables coerced
   * @returns undefined where nothing is deferred
   */
  of(variables: Readonly<Record<string, unknown>>): CompiledDeferral | undefined;
}

export interface DeferralOptions {
  readonly supergraph: Supergraph;
  readonly entityFacts: () => EntityFacts;
  readonly prepareAnswer: PrepareAnswer;
  readonly code: OperationCode;
  readonly compileOptions: PlanOptions;
}

/** Each choice has a compiled plan of its own; so many of one operation are kept. */
const maxChoices = 16;

/**
 * Prepares the deferring of an operation's fragments. Nothing is compiled before somebody asks for it.
 *
 * @param plan of the operation as if nothing were deferred
 * @returns undefined for an operation that defers nothing
 */
export function prepareDeferral(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  plan: PlanNode | undefined,
  keys: ResultKeys,
  { supergraph, entityFacts, prepareAnswer, code, compileOptions }: DeferralOptions,
): Deferral | undefined {
  const names = plan === undefined || operation.operation === 'subscription' ? undefined : deferVariables(document);
  if (names === undefined || plan === undefined) return undefined;
  const choices = new LRUCache<string, { readonly compiled: CompiledDeferral | undefined }>({ max: maxChoices });
  const { publicSchema } = supergraph;

  function make(isTrue: (variable: string) => boolean): CompiledDeferral | undefined {
    const deferred = readDeferredFragments(document, operation, publicSchema, keys, isTrue);
    if (deferred.fragments.length === 0) return undefined;
    const { withoutFragments, fragments, needs } = deferred;
    const first = withoutFragments.definitions.find(
      (definition) =>
        definition.kind === operation.kind &&
        definition.operation === operation.operation &&
        definition.name?.value === operation.name?.value,
    );
    if (first?.kind !== operation.kind) return undefined;
    const answer = prepareAnswer(publicSchema, withoutFragments, first, keys, code);
    const split = splitPlan(plan as PlanNode, { needs, facts: entityFacts() });
    return compileDeferral(split, fragments, answer, {
      ...compileOptions,
      ...lookOver(plan as PlanNode, compileOptions),
    });
  }

  return {
    of(variables) {
      const choice = names.map((name) => (variables[name] === true ? '1' : '0')).join('');
      const known = choices.get(choice) ?? { compiled: make((name) => variables[name] === true) };
      choices.set(choice, known);
      return known.compiled;
    },
  };
}
