import type { Networks } from './tenant-networks.js';

/** Whoever has a URL may have taken it elsewhere: it is over before that is worth much. */
const confinedSeconds = { download: 60, upload: 300 } as const;

/**
 * Until when a signed URL is good.
 *
 * @param networks of its tenant: with any, it is good for a moment only
 * @param wanted until when it would be good otherwise
 */
export function urlExpiry(purpose: keyof typeof confinedSeconds, networks: Networks, wanted: Date, now: Date): Date {
  if (networks.length === 0) return wanted;
  return new Date(Math.min(wanted.getTime(), now.getTime() + confinedSeconds[purpose] * 1_000));
}
