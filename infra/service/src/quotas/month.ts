/** The calendar month in UTC that meters count in, as `2026-11`. */
export function monthOf(at: Date): string {
  return at.toISOString().slice(0, 'YYYY-MM'.length);
}

/** When a month's meters begin at zero again. */
export function nextMonth(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1));
}
