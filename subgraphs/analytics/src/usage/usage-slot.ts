/** How many rows a day's counters of one tenant are spread over. */
const slots = 8;

/** A counter row to add to: any will do, as all are summed. */
export function randomSlot(random: () => number = Math.random): number {
  return Math.floor(random() * slots);
}
