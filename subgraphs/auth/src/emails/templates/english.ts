import type { MailLanguage, MailTemplate } from './mail-template.js';

const unexpected = 'If you did not expect this mail, you can ignore it.';
const ifNotYou = 'If that was not you, choose a new password at once: ask for it where you sign in.';

const notice = (subject: string, ...before: readonly string[]): MailTemplate => ({
  subject,
  before,
  after: [ifNotYou],
});

export const english: MailLanguage = {
  tag: 'en',
  templates: {
    'verify-email': {
      subject: 'Confirm your e-mail address',
      before: [
        'Somebody, we hope you, signed up with this address and has chosen a password. Open this link to confirm that it was you.',
      ],
      action: 'Confirm the address',
      after: ['If that was not you, do not open the link: it would make the account of somebody else yours as well.'],
    },
    'reset-password': {
      subject: 'Choose a new password',
      before: ['Open this link within an hour to choose a new password. All devices are signed out when you do.'],
      action: 'Choose a new password',
      after: [unexpected],
    },
    'sign-in': {
      subject: 'Your code to sign in',
      before: [
        'Somebody, we hope you, wants to sign in to your account. The code and the link are good once, for ten minutes.',
      ],
      code: 'Code',
      action: 'Sign in',
      after: ['Give the code to nobody: we never ask for it.', unexpected],
    },
    'change-email': {
      subject: 'Do you want to change your address?',
      before: [
        'Somebody, we hope you, asked to change the address of your account. Open this link to agree, within a day.',
      ],
      action: 'Agree to the change',
      after: ['The new address has to confirm the change too.', ifNotYou],
    },
    'confirm-new-email': {
      subject: 'Confirm your new e-mail address',
      before: ['Open this link within a day, where you are signed in, to make this the address of your account.'],
      action: 'Confirm the new address',
      after: ['The address until now has to agree too.', unexpected],
    },
    'email-changed': {
      subject: 'The address of your account was changed',
      before: ['Your account is now signed in to with another address; both confirmed it.'],
      after: ['If that was not you, tell the people who run this platform at once.'],
    },
    'address-taken': {
      subject: 'You have an account already',
      before: ['Somebody, maybe you, wanted to use this address for an account. It has one already.'],
      after: ['If that was you, sign in, or ask for a new password where you sign in.', unexpected],
    },
    'account-deactivated': {
      subject: 'Your account is deactivated',
      before: ['Who runs this platform has deactivated your account: nobody can sign in to it. Nothing of it is lost.'],
      after: ['If you think that this is a mistake, answer to the people who run this platform.'],
    },
    'account-reactivated': {
      subject: 'Your account is active again',
      before: ['You can sign in again, as before.'],
      after: [],
    },
    'password-changed': notice(
      'Your password was changed',
      'The password of your account was changed, and other devices were signed out.',
    ),
    'password-removed': {
      subject: 'Your address is proven now, and the password was removed',
      before: [
        'You signed in through your mailbox for the first time, which proves that the address is yours.',
        'The password of the account was set before that, maybe by somebody else. So it was removed, and other devices were signed out.',
      ],
      after: ['To sign in with a password again, ask for a new one where you sign in.'],
    },
    'new-device': {
      subject: 'New sign-in to your account',
      before: ['Your account was just signed in to from a device or a network that we have not seen it on lately.'],
      facts: [
        ['at', 'Time'],
        ['device', 'Device'],
        ['place', 'Place, by the address'],
        ['address', 'Address'],
      ],
      after: [
        'If that was you, there is nothing to do.',
        'If it was not, choose a new password at once, which signs all devices out: ask for it where you sign in.',
      ],
    },
    impersonated: {
      subject: 'Somebody of the platform acts in your name',
      before: [
        'An administrator of the platform has opened a session in your name. All that is done in it is recorded.',
      ],
      facts: [
        ['reason', 'Reason given'],
        ['at', 'Since'],
        ['until', 'Until, at the latest'],
      ],
      after: [
        'You see it among your sessions, and can end it there. If you did not expect this, ask who runs the platform.',
      ],
    },
    'totp-enabled': notice(
      'An authenticator app was turned on',
      'Signing in to your account now asks for a code of an authenticator app.',
    ),
    'totp-disabled': notice(
      'The authenticator app was turned off',
      'Signing in to your account no longer asks for a code of an authenticator app.',
    ),
    'recovery-codes-replaced': notice(
      'Your recovery codes were replaced',
      'New recovery codes were made for your account; the old ones are no longer good.',
    ),
    'passkey-added': notice('A passkey was added', 'A new passkey can now be used to sign in to your account.'),
    'passkey-removed': notice('A passkey was removed', 'A passkey of your account can no longer be used to sign in.'),
    'identity-linked': notice(
      'Another way to sign in was added',
      'Your account was linked to an identity at another provider, which can now be signed in with.',
    ),
    'identity-unlinked': notice(
      'A way to sign in was removed',
      'Your account is no longer linked to an identity at another provider.',
    ),
  },
};
