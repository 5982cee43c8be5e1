import { z } from 'zod';

/** How fast a bucket fills, and what it holds when it is full. */
export interface Rate {
  /** What a full bucket holds: so much may be taken at once. */
  readonly burst: number;
  /** Milliseconds in which one unit comes back. */
  readonly intervalMs: number;
  /** Milliseconds in which an empty bucket is full again. */
  readonly capacityMs: number;
}

const periodsMs = { s: 1_000, min: 60_000, h: 3_600_000 } as const;
const shape = /^(?<count>\d+(?:\.\d+)?)\/(?<period>s|min|h)(?:\s+burst\s+(?<burst>\d+))?$/;

/**
 * Makes a rate of so many units in a period.
 *
 * @param burst whole units, at least 1
 */
export function createRate(count: number, periodMs: number, burst: number): Rate {
  const intervalMs = periodMs / count;
  return Object.freeze({ burst, intervalMs, capacityMs: burst * intervalMs });
}

/**
 * Reads a rate: `10/s burst 20` is a bucket of twenty that gets ten back every second; also `/min` and `/h`. Without a
 * burst a period's units may be taken at once.
 *
 * @returns undefined for a text that is none
 */
export function parseRate(text: string): Rate | undefined {
  const groups = shape.exec(text.trim())?.groups;
  if (groups === undefined) return undefined;
  const count = Number(groups['count']);
  const burst = Number(groups['burst'] ?? Math.ceil(count));
  if (!(count > 0 && burst > 0)) return undefined;
  return createRate(count, periodsMs[groups['period'] as keyof typeof periodsMs], burst);
}

/** A setting that is a rate, or `none`. */
export const rateField = z.string().transform((text, check): Rate | 'none' => {
  const rate = text.trim() === 'none' ? 'none' : parseRate(text);
  if (rate !== undefined) return rate;
  check.addIssue({ code: 'custom', message: 'must be a rate such as "10/s burst 20" (also /min, /h), or none' });
  return z.NEVER;
});

/** A setting that gives names their rates: `free=100/s burst 200, *=none`; `*` is for all that are not named. */
export const namedRatesField = z.string().transform((text, check): ReadonlyMap<string, Rate | 'none'> => {
  const rates = new Map<string, Rate | 'none'>();
  for (const entry of text.split(',').filter((part) => part.trim() !== '')) {
    const [, name, value = ''] = /^\s*([^=\s]+)\s*=(.*)$/.exec(entry) ?? [];
    const rate = value.trim() === 'none' ? 'none' : parseRate(value);
    if (name !== undefined && rate !== undefined) rates.set(name, rate);
    else check.addIssue({ code: 'custom', message: 'must be a list such as "free=100/s burst 200, *=none"' });
  }
  return rates;
});
