import { z } from 'zod';

/** What a plan can limit. Null: no limit. */
export const planLimitsSchema = z.strictObject({
  /** Members of a tenant. */
  seats: z.number().int().positive().nullable(),
  /** Invitations that wait to be accepted. */
  openInvitations: z.number().int().positive().nullable(),
  /** Groups of members. */
  groups: z.number().int().nonnegative().nullable(),
  /** Verified e-mail domains. */
  domains: z.number().int().nonnegative().nullable(),
});

export type PlanLimits = Readonly<z.infer<typeof planLimitsSchema>>;
export type PlanLimit = keyof PlanLimits;

export const planSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens'),
  name: z.string().min(1).max(100),
  limits: planLimitsSchema,
  /** Names of what the plan has and others have not; products add their own. */
  features: z.array(z.string().regex(/^[a-z][\w.-]{0,62}$/)).max(200),
});

export type Plan = Readonly<z.infer<typeof planSchema>>;

/** The plans where no file names others. A tenant begins with the first. */
export const defaultPlans: readonly Plan[] = [
  {
    id: 'free',
    name: 'Free',
    limits: { seats: 25, openInvitations: 50, groups: 5, domains: 1 },
    features: [],
  },
  {
    id: 'pro',
    name: 'Pro',
    limits: { seats: 250, openInvitations: 500, groups: 50, domains: 10 },
    features: ['custom-roles', 'audit-export'],
  },
  {
    id: 'enterprise',
    name: 'Enterprise',
    limits: { seats: null, openInvitations: null, groups: null, domains: null },
    features: ['custom-roles', 'audit-export', 'security-policy', 'priority-support'],
  },
];
