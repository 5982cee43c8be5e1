/** The place before all events of a stream. */
export const beginningId = '0-0';

const pattern = /^\d{1,20}-\d{1,20}$/;

/** Whether a text may be the id of an event, as Redis writes them: milliseconds and a number. */
export function isStreamId(text: string): boolean {
  return pattern.test(text);
}

/** Whether an event is behind another one in its stream. */
export function isBehind(id: string, other: string): boolean {
  const [ms = 0n, number = 0n] = id.split('-').map(BigInt);
  const [otherMs = 0n, otherNumber = 0n] = other.split('-').map(BigInt);
  return ms === otherMs ? number > otherNumber : ms > otherMs;
}
