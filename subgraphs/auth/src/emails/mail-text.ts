import type { MailPurpose } from './mail-token.js';

export type AccountMailKind = MailPurpose | 'password-changed';

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
    case 'password-changed':
      return {
        subject: 'Your password was changed',
        text: [
          'The password of your account was changed, and other devices were signed out.',
          'If that was not you, choose a new password at once: ask for it where you sign in.',
        ].join('\n\n'),
      };
  }
}
