/** An event as the test remembers it. */
export interface RememberedEvent {
  readonly name: string;
  readonly userId: string;
  readonly occurredAt: Date;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Groups events by the text of what they have in common, in the order of first appearance. */
export function groupBy(
  events: readonly RememberedEvent[],
  keyOf: (event: RememberedEvent) => readonly (string | null)[],
): ReadonlyMap<string, readonly RememberedEvent[]> {
  return Map.groupBy(events, (event) => JSON.stringify(keyOf(event)));
}

export function numbersOf(events: readonly RememberedEvent[], property: string): readonly number[] {
  return events.map(({ properties }) => properties[property]).filter((value) => typeof value === 'number');
}

export const sum = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : numbers.reduce((total, value) => total + value, 0);

export const average = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : (sum(numbers) ?? 0) / numbers.length;

/** The percentile with linear interpolation between its two neighbours. */
export function percentile(numbers: readonly number[], fraction: number): number | null {
  if (numbers.length === 0) return null;
  const sorted = numbers.toSorted((a, b) => a - b);
  const rank = (sorted.length - 1) * fraction;
  const lower = sorted[Math.floor(rank)] ?? 0;
  const upper = sorted[Math.ceil(rank)] ?? 0;
  return lower + (upper - lower) * (rank - Math.floor(rank));
}

const quarterMs = 15 * 60 * 1_000;

/** The beginning of a day in a time zone, found without any arithmetic of time zones: by asking for the local date. */
export function startOfLocalDay(at: Date, timeZone: string): Date {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  const day = format.format(at);
  let start = Math.floor(at.getTime() / quarterMs) * quarterMs;
  while (format.format(new Date(start - quarterMs)) === day) start -= quarterMs;
  return new Date(start);
}
