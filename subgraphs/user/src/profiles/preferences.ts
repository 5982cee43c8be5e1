import { AppError, parseInput } from '@tessera/service/errors';
import { z } from 'zod';
import { notificationPreferencesSchema } from '../notifications/notification-preferences.js';
import type { Preferences } from './profile.entity.js';

const maxBytes = 16 * 1_024;
const maxDepth = 16;

/** Every preference that the platform knows, with its default, and room for what front ends keep for themselves. */
const preferencesSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  timeFormat: z.enum(['locale', '12h', '24h']).default('locale'),
  weekStart: z.enum(['locale', 'monday', 'sunday', 'saturday']).default('locale'),
  notifications: notificationPreferencesSchema.prefault({}),
  app: z.record(z.string().min(1).max(128), z.unknown()).default({}),
});

export type FullPreferences = z.infer<typeof preferencesSchema>;

export const updatePreferencesSchema = z.object({ preferences: z.record(z.string(), z.unknown()) });

/** What a person prefers: what they have set, and the defaults of all else. */
export function readPreferences(stored: Preferences): FullPreferences {
  const parsed = preferencesSchema.safeParse(stored);
  // What was valid when it was set may be no more: then it is as if it had not been set, and the rest stays.
  return parsed.success ? parsed.data : preferencesSchema.parse({ app: isObject(stored['app']) ? stored['app'] : {} });
}

/**
 * Changes preferences by a JSON Merge Patch (RFC 7396): what is absent stays, what is null has its default again.
 *
 * @returns what is to be stored: what was set, without defaults
 * @throws AppError `BAD_USER_INPUT` for keys and values that are none, and beyond 16 KB of JSON or 16 levels
 */
export function patchPreferences(stored: Preferences, patch: Preferences): Preferences {
  if (depthOf(patch) > maxDepth) throw new AppError('BAD_USER_INPUT', `Preferences are nested over ${maxDepth} levels`);
  const preferences = mergePatch(stored, patch);
  const bytes = Buffer.byteLength(JSON.stringify(preferences));
  if (bytes > maxBytes) {
    const message = `Preferences are larger than ${maxBytes} bytes`;
    throw new AppError('BAD_USER_INPUT', message, { details: { bytes, maxBytes } });
  }
  const unknown = Object.keys(preferences).filter((key) => !Object.hasOwn(preferencesSchema.shape, key));
  if (unknown.length > 0) {
    const known = Object.keys(preferencesSchema.shape);
    const message = `Preferences have no ${unknown.join(', ')}: what front ends keep for themselves goes into app`;
    throw new AppError('BAD_USER_INPUT', message, { details: { unknown, known } });
  }
  parseInput(z.object({ preferences: preferencesSchema }), { preferences });
  return preferences;
}

function mergePatch(target: Preferences, patch: Preferences): Preferences {
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    const before = merged.get(key);
    if (value === null || value === undefined) merged.delete(key);
    else if (isObject(value)) merged.set(key, mergePatch(isObject(before) ? before : {}, value));
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/** Counted level by level, so that what is nested without end ends no stack. */
function depthOf(value: unknown): number {
  let depth = 0;
  for (let level: unknown[] = [value]; level.length > 0 && depth <= maxDepth; depth += 1) {
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return depth;
}

function isObject(value: unknown): value is Preferences {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
