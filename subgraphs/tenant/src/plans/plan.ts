import { z } from 'zod';

/** A file of plans that says nothing of it does not limit it. */
const meteredField = z.number().int().nonnegative().nullable().default(null);

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
  /** Operations through gateways, in a calendar month. */
  apiCallsPerMonth: meteredField,
  /** Different people who do something, in a calendar month. */
  activeUsersPerMonth: meteredField,
  /** Tracked events, in a calendar month. */
  eventsPerMonth: meteredField,
  /** Bytes of files. Null: what storage gives to all. */
  storageBytes: meteredField,
});

export type PlanLimits = Readonly<z.infer<typeof planLimitsSchema>>;
/** What this subgraph counts itself. */
export type PlanLimit = 'seats' | 'openInvitations' | 'groups' | 'domains';

export const planSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and hyphens'),
  name: z.string().min(1).max(100),
  limits: planLimitsSchema,
  /** What a month of it costs, in the smallest unit of a currency (ISO 4217). Null: it is not for sale. */
  monthlyPrice: z
    .strictObject({ amount: z.number().int().positive(), currency: z.string().regex(/^[A-Z]{3}$/) })
    .nullable()
    .default(null),
  /** Names of what the plan has and others have not; products add their own. */
  features: z.array(z.string().regex(/^[a-z][\w.-]{0,62}$/)).max(200),
});

export type Plan = Readonly<z.infer<typeof planSchema>>;

const million = 1_000_000;

/** The plans where no file names others. A tenant begins with the first. */
export const defaultPlans: readonly Plan[] = [
  {
    id: 'free',
    name: 'Free',
    limits: {
      ...{ seats: 25, openInvitations: 50, groups: 5, domains: 1 },
      ...{ apiCallsPerMonth: 5 * million, activeUsersPerMonth: 1_000, eventsPerMonth: 5 * million, storageBytes: null },
    },
    monthlyPrice: null,
    features: [],
  },
  {
    id: 'pro',
    name: 'Pro',
    limits: {
      ...{ seats: 250, openInvitations: 500, groups: 50, domains: 10 },
      ...{ apiCallsPerMonth: 100 * million, activeUsersPerMonth: 50_000 },
      ...{ eventsPerMonth: 100 * million, storageBytes: 100 * 1024 ** 3 },
    },
    monthlyPrice: { amount: 49_00, currency: 'USD' },
    features: ['custom-roles', 'audit-export'],
  },
  {
    id: 'enterprise',
    name: 'Enterprise',
    limits: {
      ...{ seats: null, openInvitations: null, groups: null, domains: null },
      ...{ apiCallsPerMonth: null, activeUsersPerMonth: null, eventsPerMonth: null, storageBytes: 10 * 1024 ** 4 },
    },
    monthlyPrice: { amount: 990_00, currency: 'USD' },
    features: ['custom-roles', 'audit-export', 'security-policy', 'priority-support'],
  },
];
