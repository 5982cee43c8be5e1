import { z } from 'zod';
import { isBuiltInRole, permissionsOf } from '../identity/index.js';

/** Event by which the tenant subgraph announces what members may do whose groups add to their own role, or did. */
export const memberRightsEventType = 'member.rightsChanged';

export const memberRightsSchema = z.object({
  /** How often rights in the tenant had changed: of two that tell of one member, the greater holds. */
  version: z.number().int(),
  members: z.array(
    z.object({
      userId: z.uuid(),
      /** As {@link beyondRole} has them. */
      permissions: z.array(z.string()).nullable(),
      /** Whether a group adds to their own role now. */
      isGrouped: z.boolean(),
    }),
  ),
});

export type MemberRights = Readonly<z.infer<typeof memberRightsSchema>>;

/**
 * What has to be remembered of a member's permissions beside their own role: all where the tenant defined it; of a built-in role,
 * which may grant something else with the next release, only what groups add.
 *
 * @returns in order; null for none
 */
export function beyondRole(role: string, permissions: readonly string[]): string[] | null {
  const sorted = [...new Set(permissions)].sort();
  if (!isBuiltInRole(role)) return sorted;
  const ofRole: ReadonlySet<string> = permissionsOf([role]);
  const more = sorted.filter((permission) => !ofRole.has(permission));
  return more.length === 0 ? null : more;
}
