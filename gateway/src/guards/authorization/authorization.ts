import type { DocumentNode, FieldNode, OperationDefinitionNode } from 'graphql';
import type { Principal } from '@tessera/service/identity';
import { createFieldRules } from './field-rules.js';
import { inspectOperation, type Inspection, type ProtectedGroup } from './inspect-operation.js';
import { readLinkedDirectives } from './linked-directives.js';
import { assertStream, refusal } from './refusal.js';
import { rootTypeNames } from './root-types.js';
import { fulfils } from './rules.js';
import { readGuardedTypes, type GuardedTypes } from './supergraph-types.js';
import type { Withheld, WithheldReason } from './withheld.js';

/** Whom rules are judged for. */
export interface Asker {
  readonly principal: Principal;
}

/** Decides which of some policies (`@policy`) the caller fulfils. */
export type GrantPolicies = (
  policies: readonly string[],
  asker: Asker,
) => ReadonlySet<string> | Promise<ReadonlySet<string>>;

export interface AuthorizationOptions {
  /** It is read, not kept. */
  readonly supergraph: DocumentNode;
  /** `null`: what the caller may not have is null with an error; `reject`: the whole operation is refused. */
  readonly unauthorizedFields: 'null' | 'reject';
  /** Default: {@link grantByRole}. */
  readonly grantPolicies?: GrantPolicies;
}

/** Enforces `@authenticated`, `@requiresScopes` and `@policy` of one supergraph. */
export interface Authorization {
  /**
   * Judges an operation; that may be done again at any time, as for each event of a subscription.
   *
   * @returns the selections that the caller may not have; undefined, and at once, where the operation touches nothing
   *   protected
   * @throws OperationRefusal where unauthorised operations are rejected, or nothing of a subscription would be left
   */
  judge(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    asker: Asker,
  ): Promise<Withheld | undefined> | undefined;
}

/** A role is the policy `role:NAME`; all other policies are denied. */
export const grantByRole: GrantPolicies = (_policies, { principal }) =>
  new Set(principal.roles.map((role) => `role:${role}`));

/** @returns undefined for a supergraph that protects nothing */
export function createAuthorization(options: AuthorizationOptions): Authorization | undefined {
  const { unauthorizedFields, grantPolicies = grantByRole } = options;
  const document = options.supergraph;
  if (!knowsProtection(document)) return undefined;
  const types = readGuardedTypes(document);
  if (!protectsAnything(types)) return undefined;
  const fieldRules = createFieldRules(types);
  const rootTypes = rootTypeNames(document);
  const inspected = new WeakMap<OperationDefinitionNode, Judge | undefined>();

  function judgeOf(source: DocumentNode, operation: OperationDefinitionNode): Judge | undefined {
    if (inspected.has(operation)) return inspected.get(operation);
    const rootType = rootTypes.get(operation.operation) ?? '';
    const inspection = inspectOperation(source, operation, rootType, types, fieldRules);
    const judge = inspection.groups.length === 0 ? undefined : createJudge(inspection);
    inspected.set(operation, judge);
    return judge;
  }

  async function decide(judge: Judge, operation: OperationDefinitionNode, asker: Asker): Promise<Withheld | undefined> {
    const { policies } = judge.inspection;
    const granted = policies.length === 0 ? new Set<string>() : await grantPolicies(policies, asker);
    const withheld = judge.withhold(asker.principal, granted);
    if (withheld === undefined) return undefined;
    if (unauthorizedFields === 'reject') throw refusal(withheld);
    assertStream(operation, withheld);
    return withheld;
  }

  return {
    judge(source, operation, asker) {
      const judge = judgeOf(source, operation);
      return judge === undefined ? undefined : decide(judge, operation, asker);
    },
  };
}

interface Judge {
  readonly inspection: Inspection;
  withhold(principal: Principal, policies: ReadonlySet<string>): Withheld | undefined;
}

/** Callers with equal rights get the very same set. */
function createJudge(inspection: Inspection): Judge {
  const { groups, rootFields } = inspection;
  const known = new Map<string, Withheld>();
  return {
    inspection,
    withhold(principal, policies) {
      const isAuthenticated = principal.kind !== 'anonymous';
      const rights = { isAuthenticated, scopes: new Set(principal.scopes), policies };
      const denials = groups.map(({ rules }) => (fulfils(rules, rights) ? '0' : '1')).join('');
      if (!denials.includes('1')) return undefined;
      const key = `${isAuthenticated ? 'forbidden' : 'unauthenticated'}:${denials}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      const denied = groups.filter((_, index) => denials[index] === '1');
      const withheld = { key, reasons: reasonsFor(denied, isAuthenticated), rootFields };
      // An operation of many rules could be asked by callers of as many kinds; sets are cheap to make again.
      if (known.size < 100) known.set(key, withheld);
      return withheld;
    },
  };
}

function reasonsFor(
  denied: readonly ProtectedGroup[],
  isAuthenticated: boolean,
): ReadonlyMap<FieldNode, WithheldReason> {
  const code = isAuthenticated ? 'FORBIDDEN' : 'UNAUTHENTICATED';
  const text = isAuthenticated ? 'is not allowed to this caller' : 'is not allowed without signing in';
  return new Map(
    denied.flatMap(({ selections }) =>
      selections.map(({ field, coordinate }): [FieldNode, WithheldReason] => [
        field,
        { message: `Field ${coordinate} ${text}`, extensions: { code } },
      ]),
    ),
  );
}

/** Whether it links what could protect something; most do not, and need not be read. */
function knowsProtection(document: DocumentNode): boolean {
  const { authenticated, requiresScopes, policy } = readLinkedDirectives(document);
  return authenticated.size + requiresScopes.size + policy.size > 0;
}

function protectsAnything(types: GuardedTypes): boolean {
  return [...types.values()].some(
    ({ rules, fields }) => rules.size > 0 || [...fields.values()].some((field) => field.rules.size > 0),
  );
}
