/** One event as `track` takes it. */
export interface DemoEvent {
  readonly messageId: string;
  readonly name: string;
  readonly occurredAt: string;
  readonly properties: Readonly<Record<string, string | number>>;
}

const hourMs = 60 * 60 * 1_000;
const funnel = ['page.viewed', 'cart.filled', 'checkout.started', 'checkout.completed'] as const;
const countries = ['DE', 'US', 'CN', 'FR', 'JP'] as const;
const busiestHour = 15;
const visitsAtBusiestHour = 16;

/**
 * A shop's events over the last days: visits swell and ebb with the hours, and fewer people reach each next step.
 * The same for the same time, so that a demo that is seeded twice shows one demo.
 */
export function plausibleEvents(until: Date, days: number): readonly DemoEvent[] {
  const random = deterministicRandom(42);
  const events: DemoEvent[] = [];
  for (let hour = days * 24; hour > 0; hour -= 1) {
    const startMs = until.getTime() - hour * hourMs;
    for (let visit = 0; visit < visitsInHour(new Date(startMs).getUTCHours()); visit += 1) {
      addVisit(events, startMs + random() * hourMs * 0.9, random);
    }
  }
  return events;
}

function visitsInHour(hourOfDay: number): number {
  const distance = Math.min(Math.abs(hourOfDay - busiestHour), 24 - Math.abs(hourOfDay - busiestHour));
  return Math.round(visitsAtBusiestHour * Math.exp(-((distance / 5) ** 2))) + 1;
}

function addVisit(events: DemoEvent[], startMs: number, random: () => number): void {
  const country = countries[Math.floor(random() ** 2 * countries.length)] ?? 'DE';
  const amount = Math.round(500 + random() * 9_500);
  for (const [step, name] of funnel.entries()) {
    if (step > 0 && random() > 0.55) return;
    events.push({
      messageId: `demo-${events.length}`,
      name,
      occurredAt: new Date(startMs + step * 45_000).toISOString(),
      properties: name === 'checkout.completed' ? { country, amountCents: amount } : { country },
    });
  }
}

/** Mulberry32: small, fast, and the same everywhere; chance is not a secret here. */
function deterministicRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
