/** From when until when a URL is good. */
export interface UrlLife {
  readonly signedAt: Date;
  readonly expiresAt: Date;
}

/**
 * How long a download URL is good: as long as was asked for, and up to half as long again. All that are made within that half are
 * the same, so that a browser that has the bytes asks for them once.
 */
export function steadyLife(lifetimeSeconds: number, now: Date): UrlLife {
  // Whole seconds, for URLs know no parts of them.
  const windowMs = Math.ceil(lifetimeSeconds / 2) * 1_000;
  const signedAtMs = Math.floor(now.getTime() / windowMs) * windowMs;
  const expiresAtMs = signedAtMs + windowMs + lifetimeSeconds * 1_000;
  return { signedAt: new Date(signedAtMs), expiresAt: new Date(expiresAtMs) };
}
