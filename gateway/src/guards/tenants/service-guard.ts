import { AppError } from '@tessera/service/errors';
import { parse, type DocumentNode, type FieldNode, type OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Asker } from '../authorization/authorization.js';
import { inspectOperation } from '../authorization/inspect-operation.js';
import { policiesOf } from '../authorization/rules.js';
import type { Withheld, WithheldReason } from '../authorization/withheld.js';
import type { TenantFacts } from './ask-tenant.js';
import { readFieldServices, rulesWithout } from './field-services.js';
import { rootTypeNames } from '../authorization/root-types.js';
import type { TenantDirectory } from './tenant-directory.js';

/** Withholds the fields of services that are switched off for the caller's tenant. */
export interface ServiceGuard {
  /** @returns undefined, and at once, where nothing of the operation is; a promise only while the tenant is not known */
  judge(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    asker: Asker,
  ): Withheld | undefined | Promise<Withheld | undefined>;
  /** Whether something may be switched off for the caller. */
  mayWithhold(asker: Asker): boolean;
  /** Why a stream cannot go on for a tenant of which this is known; undefined where it can. */
  endOf(document: DocumentNode, operation: OperationDefinitionNode, facts: TenantFacts): AppError | undefined;
}

/** Sets of services that tenants have switched off, whose rules are kept. */
const maxKnownSets = 50;

/** Creates the guard of one supergraph. What belongs to which service is read when a tenant has something switched off. */
export function createServiceGuard(supergraphSdl: string, directory: TenantDirectory): ServiceGuard {
  const sets = new LRUCache<string, Judge>({ max: maxKnownSets });
  const read = once(() => {
    const supergraph = parse(supergraphSdl, { noLocation: true });
    return { supergraph, services: readFieldServices(supergraph), rootTypes: rootTypeNames(supergraph) };
  });

  function judgeOf(disabled: readonly string[]): Judge {
    const key = [...disabled].sort().join();
    const found = sets.get(key) ?? createJudge(read(), disabled, key);
    sets.set(key, found);
    return found;
  }

  const withhold = (
    document: DocumentNode,
    operation: OperationDefinitionNode,
    { disabledServices }: TenantFacts,
  ): Withheld | undefined =>
    disabledServices.length === 0 ? undefined : judgeOf(disabledServices)(document, operation);

  return {
    judge(document, operation, { principal: { tenantId } }) {
      if (tenantId === undefined) return undefined;
      const facts = directory.factsOf(tenantId);
      if (facts instanceof Promise) return facts.then((known) => withhold(document, operation, known));
      return withhold(document, operation, facts);
    },
    mayWithhold({ principal: { tenantId } }) {
      if (tenantId === undefined) return false;
      const facts = directory.factsOf(tenantId);
      return facts instanceof Promise || facts.disabledServices.length > 0;
    },
    endOf(document, operation, facts) {
      const withheld = withhold(document, operation, facts);
      if (withheld === undefined) return undefined;
      const reason = [...withheld.rootFields].map((field) => withheld.reasons.get(field)).find((found) => found);
      return (
        reason && new AppError('SERVICE_DISABLED', reason.message, { details: { services: facts.disabledServices } })
      );
    },
  };
}

type Judge = (document: DocumentNode, operation: OperationDefinitionNode) => Withheld | undefined;

function createJudge(
  { supergraph, services, rootTypes }: SupergraphServices,
  disabled: readonly string[],
  key: string,
): Judge {
  const { types, rules } = rulesWithout(supergraph, services, disabled);
  const inspected = new WeakMap<OperationDefinitionNode, Withheld | undefined>();
  return (document, operation) => {
    if (inspected.has(operation)) return inspected.get(operation);
    const rootType = rootTypes.get(operation.operation) ?? '';
    const { groups, rootFields } = inspectOperation(document, operation, rootType, types, rules);
    const reasons = new Map<FieldNode, WithheldReason>();
    for (const { rules: asked, selections } of groups) {
      const names = [...new Set(policiesOf(asked))].filter((name) => disabled.includes(name));
      for (const { field, coordinate } of selections) reasons.set(field, reasonFor(coordinate, names));
    }
    const withheld = reasons.size === 0 ? undefined : { key: `off:${key}`, reasons, rootFields };
    inspected.set(operation, withheld);
    return withheld;
  };
}

interface SupergraphServices {
  readonly supergraph: DocumentNode;
  readonly services: ReturnType<typeof readFieldServices>;
  readonly rootTypes: ReadonlyMap<string, string>;
}

function reasonFor(coordinate: string, services: readonly string[]): WithheldReason {
  const names = services.join(' and ');
  return {
    message: `Field ${coordinate} needs service ${names}, which is switched off for this tenant`,
    extensions: { code: 'SERVICE_DISABLED', details: { services } },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
