/** What the bearer of a link may do; such a link holds a sealed token. */
export const mailPurposes = ['verify-email', 'reset-password'] as const;

export type MailPurpose = (typeof mailPurposes)[number];

/** Tells what was changed, so that who did not do it can act. */
export const noticeKinds = [
  'password-changed',
  'password-removed',
  'totp-enabled',
  'totp-disabled',
  'recovery-codes-replaced',
  'identity-linked',
  'identity-unlinked',
  'passkey-added',
  'passkey-removed',
  'email-changed',
  'address-taken',
  'account-deactivated',
  'account-reactivated',
] as const;

export type NoticeKind = (typeof noticeKinds)[number];

/** Tells of a session that was opened. */
export const sessionMailKinds = ['new-device', 'impersonated'] as const;

/** Every mail that auth sends. */
export const mailKinds = [
  ...mailPurposes,
  ...noticeKinds,
  ...sessionMailKinds,
  'sign-in',
  'change-email',
  'confirm-new-email',
] as const;

export type MailKind = (typeof mailKinds)[number];
