import { AppError } from '../errors/index.js';

/** What is counted and limited. */
export type Meter = 'API_CALLS' | 'ACTIVE_USERS' | 'EVENTS' | 'STORAGE_BYTES';

export interface ExceededQuota {
  readonly meter: Meter;
  readonly limit: number;
  readonly used: number;
  /** When counting begins again; null for what is not counted by time. */
  readonly resetsAt: Date | null;
}

/** The error of a tenant that has used up what its plan allows; nothing of the request was done. */
export function quotaExceeded(message: string, quota: ExceededQuota, more: Record<string, unknown> = {}): AppError {
  const resetsAt = quota.resetsAt?.toISOString() ?? null;
  return new AppError('QUOTA_EXCEEDED', message, { details: { ...quota, resetsAt, ...more } });
}
