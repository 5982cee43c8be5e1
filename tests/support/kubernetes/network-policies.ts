import { ofKind, type Labels, type Manifest } from './manifests.js';

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port: number; readonly endPort?: number; readonly protocol?: string }[];
}

interface NetworkPolicy extends Manifest {
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly ('Ingress' | 'Egress')[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

/** Pods by their labels, here or in another namespace, which policies know by its name. */
export interface Party {
  readonly labels: Labels;
  readonly namespace?: string;
}

/** Whether the policies let one party open a TCP connection to another's port. */
export function letThrough(manifests: readonly Manifest[], from: Party, to: Party, port: number): boolean {
  const policies = ofKind<NetworkPolicy>(manifests, 'NetworkPolicy');
  return isAllowed(policies, 'Egress', from, to, port) && isAllowed(policies, 'Ingress', to, from, port);
}

function isAllowed(
  policies: readonly NetworkPolicy[],
  type: 'Ingress' | 'Egress',
  own: Party,
  other: Party,
  port: number,
): boolean {
  // Policies of a namespace say nothing of pods elsewhere.
  if (own.namespace !== undefined) return true;
  const holding = policies.filter(
    ({ spec }) => spec.policyTypes.includes(type) && matches(spec.podSelector, own.labels),
  );
  const rules = holding.flatMap(({ spec }) => (type === 'Ingress' ? spec.ingress : spec.egress) ?? []);
  return holding.length === 0 || rules.some((rule) => admits(rule, other, port));
}

function admits({ from, to, ports }: Rule, other: Party, port: number): boolean {
  const peers = from ?? to;
  const isPeer = peers === undefined || peers.some((peer) => isMeant(peer, other));
  const isPort = ports?.some(
    (entry) => entry.protocol !== 'UDP' && port >= entry.port && port <= (entry.endPort ?? entry.port),
  );
  return isPeer && isPort !== false;
}

function isMeant({ podSelector = {}, namespaceSelector }: Peer, { labels, namespace }: Party): boolean {
  const isNamespace =
    namespaceSelector === undefined
      ? namespace === undefined
      : namespace !== undefined && matches(namespaceSelector, { 'kubernetes.io/metadata.name': namespace });
  return isNamespace && matches(podSelector, labels);
}

function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => {
      if (operator !== 'In') throw new Error(`The operator ${operator} is not known here`);
      return values.includes(labels[key] ?? '');
    })
  );
}
