import { Kind, visit, type DocumentNode } from 'graphql';

/** Where a request falls for which nothing is rolled out but what is rolled out for all. */
export const notRolledOut = 99.999_999;

const percentage = /^percent\((\d+(?:\.\d+)?)\)$/;

/** Whether a progressive `@override` is in force. Labels that are no percentage are decided by nobody: they are not. */
export function isRolledOut(label: string, roll: number): boolean {
  const share = percentage.exec(label)?.[1];
  return share !== undefined && Number(share) > roll;
}

/** What a supergraph rolls out step by step. */
export interface RollOut {
  /** The labels of its progressive overrides. */
  readonly labels: readonly string[];
  /** All places between which something differs. */
  readonly rolls: readonly number[];
  /** Where those requests fall that get nothing of it. */
  readonly none: number;
  /**
   * Where a request falls: the same for all requests between whose places nothing differs, so that few plans are made.
   *
   * @param name of the request; what happens to it is decided by its name alone
   */
  rollOf(name: string): number;
}

/** Reads the labels out of a supergraph. @returns undefined where there are no percentages between none and all */
export function readRollOut(supergraph: DocumentNode): RollOut | undefined {
  const labels = new Set<string>();
  visit(supergraph, {
    Directive({ name, arguments: given = [] }) {
      if (name.value !== 'join__field') return;
      const label = given.find((argument) => argument.name.value === 'overrideLabel')?.value;
      if (label?.kind === Kind.STRING) labels.add(label.value);
    },
  });
  const steps = [...labels]
    .map((label) => Number(percentage.exec(label)?.[1] ?? 0))
    .filter((share) => share > 0 && share < 100)
    .sort((one, other) => one - other);
  const none = steps.at(-1);
  if (none === undefined) return undefined;
  return {
    labels: [...labels],
    rolls: [0, ...steps],
    none,
    rollOf(name) {
      const place = placeOf(name);
      return steps.findLast((share) => share <= place) ?? 0;
    },
  };
}

/** FNV-1a: spreads names evenly, which is all that is needed. */
function placeOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return ((hash >>> 0) / 0x1_0000_0000) * 100;
}
