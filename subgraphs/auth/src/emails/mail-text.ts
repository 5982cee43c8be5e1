import type { MailPurpose } from './mail-token.js';

/** Tells what was changed, so that who did not do it can act. */
export const noticeKinds = ['password-changed', 'totp-enabled', 'totp-disabled', 'recovery-codes-replaced'] as const;

type NoticeKind = (typeof noticeKinds)[number];

export type AccountMailKind = MailPurpose | NoticeKind;

export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** What a mail says. @param linkFor makes a link that lets its bearer do something */
export function mailText(kind: AccountMailKind, linkFor: (purpose: MailPurpose, path: string) => string): MailText {
  const unexpected = 'If you did not expect this mail, you can ignore it.';
  switch (kind) {
    case 'verify-email':
      return {
        subject: 'Confirm your e-mail address',
        text: [
          `Open this link to confirm that this is your address:\n\n${linkFor(kind, '/verify-email')}`,
          unexpected,
        ].join('\n\n'),
      };
    case 'reset-password':
      return {
        subject: 'Choose a new password',
        text: [
          `Open this link within an hour to choose a new password:\n\n${linkFor(kind, '/reset-password')}`,
          'All devices are signed out when you do.',
          unexpected,
        ].join('\n\n'),
      };
    default:
      return { subject: notices[kind].subject, text: notices[kind].lines.join('\n\n') };
  }
}

const ifNotYou = 'If that was not you, choose a new password at once: ask for it where you sign in.';

const notices: Readonly<Record<NoticeKind, { readonly subject: string; readonly lines: readonly string[] }>> = {
  'password-changed': {
    subject: 'Your password was changed',
    lines: ['The password of your account was changed, and other devices were signed out.', ifNotYou],
  },
  'totp-enabled': {
    subject: 'An authenticator app was turned on',
    lines: ['Signing in to your account now asks for a code of an authenticator app.', ifNotYou],
  },
  'totp-disabled': {
    subject: 'The authenticator app was turned off',
    lines: ['Signing in to your account no longer asks for a code of an authenticator app.', ifNotYou],
  },
  'recovery-codes-replaced': {
    subject: 'Your recovery codes were replaced',
    lines: ['New recovery codes were made for your account; the old ones are no longer good.', ifNotYou],
  },
};
