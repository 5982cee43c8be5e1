import type { QuietHours } from './notification-preferences.js';

const minuteMs = 60_000;
const dayMinutes = 24 * 60;

/**
 * When a person may be disturbed again.
 *
 * @param timeZone IANA name; their quiet hours are hours of its clocks
 * @returns undefined where they may be disturbed now
 */
export function endOfQuietHours(now: Date, { from, to }: QuietHours, timeZone: string): Date | undefined {
  const [begin, end, current] = [minutesOf(from), minutesOf(to), localMinutes(now, timeZone)];
  const sinceBegin = modulo(current - begin, dayMinutes);
  if (sinceBegin >= modulo(end - begin, dayMinutes)) return undefined;
  const minuteStartMs = Math.floor(now.getTime() / minuteMs) * minuteMs;
  const guess = new Date(minuteStartMs + modulo(end - current, dayMinutes) * minuteMs);
  // Clocks may have been changed in between: what they show then is off by as much.
  const missed = modulo(end - localMinutes(guess, timeZone) + dayMinutes / 2, dayMinutes) - dayMinutes / 2;
  return new Date(guess.getTime() + missed * minuteMs);
}

function localMinutes(time: Date, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return minutesOf(format.format(time));
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

const modulo = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor;
