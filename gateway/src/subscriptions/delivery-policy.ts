import { Kind, type ConstDirectiveNode, type SelectionSetNode } from 'graphql';
import type { PreparedOperation } from '../execution/prepared-operation.js';
import type { Supergraph } from '../planning/supergraph.js';

/** How the events of a subscription field are handed out. */
export interface DeliveryPolicy {
  /**
   * Who gets the same events, and so may share one stream: members of a tenant with equal rights, one principal, or nobody,
   * because the field answers each subscriber apart.
   */
  readonly sharedBy: 'tenant' | 'principal' | 'nobody';
  /** What becomes of events that are not read in time: the latest alone is kept, or the connection is closed. */
  readonly whenBehind: 'latest' | 'close';
}

/** What is known about an operation's events. */
export interface OperationDelivery extends DeliveryPolicy {
  /** The field that sends them. */
  readonly field: string;
}

/** What holds where a subgraph says nothing: nothing is left out, and nobody sees what was made for another. */
export const defaultPolicy: DeliveryPolicy = { sharedBy: 'principal', whenBehind: 'close' };

const feature = 'delivery';

/** Reads `@delivery` of a supergraph's subscription fields. @returns what holds for an operation: of several fields the strictest */
export function createDeliveryPolicies(supergraph: Supergraph): (prepared: PreparedOperation) => OperationDelivery {
  const directive = supergraph.features.directiveOf(feature);
  const fields = supergraph.publicSchema.getSubscriptionType()?.getFields() ?? {};
  const policies = new Map<string, DeliveryPolicy>();
  for (const { name, astNode } of Object.values(fields)) {
    const said = astNode?.directives?.find((node) => node.name.value === directive);
    if (said !== undefined) policies.set(name, readPolicy(said));
  }
  const known = new WeakMap<PreparedOperation, OperationDelivery>();
  return (prepared) => {
    const found = known.get(prepared);
    if (found !== undefined) return found;
    const names = rootFieldsOf(prepared, prepared.operation.selectionSet);
    const [field = '__typename'] = names;
    const policy = { field, ...strictest([...names].map((name) => policies.get(name) ?? defaultPolicy)) };
    known.set(prepared, policy);
    return policy;
  };
}

/** A word that is not known means the default: sharing too little is never wrong. */
function readPolicy({ arguments: given }: ConstDirectiveNode): DeliveryPolicy {
  const values = new Map(
    given?.map(({ name, value }) => [name.value, value.kind === Kind.STRING ? value.value : undefined]),
  );
  const sharedBy = values.get('sharedBy');
  return {
    sharedBy: sharedBy === 'tenant' || sharedBy === 'nobody' ? sharedBy : defaultPolicy.sharedBy,
    whenBehind: values.get('whenBehind') === 'latest' ? 'latest' : defaultPolicy.whenBehind,
  };
}

function strictest(policies: readonly DeliveryPolicy[]): DeliveryPolicy {
  const [first = defaultPolicy] = policies;
  const sharedBy = (['nobody', 'principal', 'tenant'] as const).find((scope) =>
    policies.some((policy) => policy.sharedBy === scope),
  );
  return {
    sharedBy: sharedBy ?? first.sharedBy,
    whenBehind: policies.some(({ whenBehind }) => whenBehind === 'close') ? 'close' : first.whenBehind,
  };
}

function rootFieldsOf(prepared: PreparedOperation, { selections }: SelectionSetNode, seen = new Set<string>()) {
  const names = new Set<string>();
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      names.add(selection.name.value);
      continue;
    }
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragmentOf(prepared, selection.name.value);
    if (fragment === undefined || ('name' in fragment && seen.has(fragment.name.value))) continue;
    if ('name' in fragment) seen.add(fragment.name.value);
    for (const name of rootFieldsOf(prepared, fragment.selectionSet, seen)) names.add(name);
  }
  names.delete('__typename');
  return names;
}

function fragmentOf({ document }: PreparedOperation, name: string) {
  return document.definitions.find(
    (definition) => definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
  ) as Extract<(typeof document.definitions)[number], { kind: Kind.FRAGMENT_DEFINITION }> | undefined;
}
