import type { OperationKind } from '../../gateway/support/transports.js';

/** Who asks. All but the first two are outside of the tenant whose things they ask for. */
export const callerNames = [
  'admin',
  'member',
  'stranger',
  'anonymous',
  'expired',
  'signedOut',
  'suspended',
  'lockedOut',
] as const;

/**
 * `admin` and `member` are of the tenant; `stranger` administers another one; `expired` has a token of the `admin`'s session that
 * was good until it ended; `signedOut` has one of a session that has ended; `suspended` has one of a tenant that was locked
 * since; `lockedOut` is the same person with a new token.
 */
export type CallerName = (typeof callerNames)[number];

/** What belongs to the tenant: a case sends these ids, and outsiders' answers must not contain them. */
export interface Things {
  readonly tenantId: string;
  readonly adminId: string;
  readonly adminEmail: string;
  readonly memberId: string;
  readonly memberEmail: string;
  readonly fileId: string;
  readonly ruleId: string;
  readonly alertId: string;
  readonly roleId: string;
  readonly groupId: string;
  readonly invitationId: string;
  readonly apiKeyId: string;
  /** Of something that the administrator was told. */
  readonly notificationId: string;
  /** Of what the administrator has taken out of the tenant. */
  readonly exportId: string;
}

/** Makes what a mutation uses up, each time anew. */
export interface Maker {
  readonly things: Things;
  file(): Promise<string>;
  rule(): Promise<string>;
  role(): Promise<string>;
  invitation(): Promise<string>;
  apiKey(): Promise<string>;
  machineClient(): Promise<string>;
  member(): Promise<string>;
  refreshToken(): Promise<string>;
}

/** `answer`: data without an error; `null`: neither; otherwise the code of the error. */
export type Verdict = string;

/** Variables; ids in them are also replaced by ids of nothing, which must give a stranger the same answer. */
export type Variables = Readonly<Record<string, unknown>>;

/** How one field of Query or Mutation is called, everything below it selected, and what each caller gets. */
export interface FieldCase {
  readonly kind: Exclude<OperationKind, 'subscription'>;
  readonly operation: string;
  /** What is sent; asked for each call. */
  readonly variables?: (things: Things) => Variables;
  /** In its place where a call uses up what it names: the same is sent by all who are refused, and by one who is not. */
  readonly fresh?: (maker: Maker) => Promise<Variables>;
  /** Whether a call ends or changes the session that makes it: then each call has a session of its own. */
  readonly usesUpSession?: boolean;
  /** Whether the session ends with the call, and with it what it was sent over. */
  readonly endsSession?: boolean;
  /** Whether the answer to the tenant's administrator holds something of the tenant; default true for queries. */
  readonly isRevealing?: boolean;
  /** What must not be in the answer to one who is let through. */
  readonly withheld?: Partial<Readonly<Record<CallerName, (things: Things) => readonly string[]>>>;
  readonly verdicts: Readonly<Record<CallerName, Verdict>>;
}

/** How one field of Subscription is subscribed to, and who hears what while alerts are raised in two tenants. */
export interface StreamCase {
  readonly operation: string;
  /** What is sent. */
  readonly variables?: (things: Things) => Variables;
  /** Who hears something. */
  readonly subscribers: readonly CallerName[];
  /** Who may listen too, and hears nothing. */
  readonly silent?: readonly CallerName[];
  /** To whom of them what is heard shows something of the tenant. */
  readonly revealsTo: readonly CallerName[];
  /** The code by which each of the others is refused. */
  readonly refused: Partial<Readonly<Record<CallerName, Verdict>>>;
}

/** Where nobody gets in without a token; one that is no good gets nobody in anywhere. */
export const withoutToken = {
  anonymous: 'UNAUTHENTICATED',
  expired: 'UNAUTHENTICATED',
  signedOut: 'UNAUTHENTICATED',
  suspended: 'UNAUTHENTICATED',
} as const;

type Verdicts = FieldCase['verdicts'];

/** One thing of the tenant, by its id. */
export const byMembers: Verdicts = {
  ...withoutToken,
  admin: 'answer',
  member: 'answer',
  stranger: 'NOT_FOUND',
  lockedOut: 'PRECONDITION_FAILED',
};

/** As {@link byMembers}, for administrators only. */
export const byAdmins: Verdicts = { ...byMembers, member: 'FORBIDDEN' };

/** Of the active tenant: a stranger gets what is the stranger's own. */
export const ofActiveTenant: Verdicts = { ...byMembers, stranger: 'answer' };

/** As {@link ofActiveTenant}, for administrators only. */
export const ofActiveTenantByAdmins: Verdicts = { ...byAdmins, stranger: 'answer' };

/** Of whoever is signed in. */
export const ofOneself: Verdicts = { ...ofActiveTenant, lockedOut: 'answer' };

/** Of whoever runs the platform. */
export const byPlatform: Verdicts = { ...byAdmins, admin: 'FORBIDDEN', stranger: 'FORBIDDEN', lockedOut: 'FORBIDDEN' };

/** For everybody who has not sent a token that is no good. */
export const byEverybody: Verdicts = { ...ofOneself, anonymous: 'answer' };

/** Refused in one way to everybody who has sent a good token or none. */
export const byNobody = (code: Verdict): Verdicts => ({
  ...byEverybody,
  admin: code,
  member: code,
  stranger: code,
  anonymous: code,
  lockedOut: code,
});
