import { codeField, formPage, type FormPage } from './form-page.js';

/**
 * Where mails of the auth subgraph lead, unless a front end of one's own answers there (`APP_URL`). Each asks for a click: what looks
 * into people's mail opens links too, and must not use them up.
 */
export const accountPages: readonly FormPage[] = [
  formPage({
    path: '/verify-email',
    title: 'Confirm your address',
    message: 'If you have signed up with the address that the link was sent to, confirm that it is yours.',
    fields: '',
    button: 'Confirm',
    script: `start(async () => {
  await ask('mutation ($token: String!) { verifyEmail(token: $token) }', { token });
  finish('Your address is confirmed. You can close this page, and sign in where you work.');
});
`,
  }),
  formPage({
    path: '/reset-password',
    title: 'Choose a new password',
    message: 'All your devices will be signed out.',
    fields: `<label>New password <input id="newPassword" type="password" autocomplete="new-password" required minlength="8" /></label>`,
    button: 'Set the password',
    script: `start(async () => {
  const input = { token, newPassword: part('newPassword').value };
  await ask('mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', { input });
  finish('You have a new password. You can close this page, and sign in where you work.');
});
`,
  }),
  formPage({
    path: '/sign-in',
    title: 'Sign in',
    message: 'The link is good once.',
    fields: codeField,
    button: 'Sign in',
    script: `const query = \`mutation ($input: SignInWithLinkInput!) {
  signInWithLink(input: $input) { ... on SignedIn { tokens { accessToken } } ... on MfaRequired { challengeId } }
}\`;

start(async () => {
  const accessToken = await accessTokenOf(async () => (await ask(query, { input: { token } })).signInWithLink);
  if (accessToken === undefined) return;
  const { me } = await ask('{ me { email } }', {}, accessToken);
  finish('You are signed in as ' + me.email + '. This is your access token, for a while:');
  const shown = Object.assign(document.createElement('textarea'), { readOnly: true, rows: 8, value: accessToken });
  shown.setAttribute('aria-label', 'Access token');
  part('form').after(shown);
});
`,
  }),
  formPage({
    path: '/confirm-email-change',
    title: 'Confirm the change of your address',
    message: 'Both addresses have to confirm it, the new one where you are signed in.',
    fields: `<div id="signIn" hidden>
          <label>Address so far <input id="email" type="email" autocomplete="username" maxlength="320" /></label>
          <label>Password <input id="password" type="password" autocomplete="current-password" /></label>
          ${codeField}
        </div>`,
    button: 'Confirm',
    script: `const confirm = async (accessToken) => {
  const query = 'mutation ($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { isComplete } }';
  const { confirmEmailChange } = await ask(query, { input: { token } }, accessToken);
  finish(confirmEmailChange.isComplete ? 'Your address is changed.' : 'Confirmed. Now open the link in the mail to the other address.');
};

start(async () => {
  if (!part('signIn').hidden) {
    const accessToken = await accessTokenOf(() => signIn({ email: part('email').value, password: part('password').value }));
    if (accessToken !== undefined) await confirm(accessToken);
    return;
  }
  try {
    await confirm();
  } catch (error) {
    if (error.code !== 'UNAUTHENTICATED') throw error;
    part('signIn').hidden = false;
    for (const field of ['email', 'password']) part(field).required = true;
    say('Sign in to confirm it.');
  }
});
`,
  }),
];
