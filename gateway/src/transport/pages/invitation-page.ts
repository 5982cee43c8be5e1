import { codeField, formPage } from './form-page.js';

/**
 * Shows an invitation and accepts it, for people with an account and for new ones. Links in invitation mails lead here, unless a front end
 * of one's own answers there (`APP_URL` of the tenant subgraph).
 */
export const invitationPage = formPage({
  path: '/invitations/accept',
  title: 'Invitation',
  message: 'Loading…',
  fields: `<label>Address <input id="email" type="email" autocomplete="username" required maxlength="320" /></label>
        <label>Password <input id="password" type="password" autocomplete="current-password" required /></label>
        ${codeField}
        <label id="nameLabel" hidden>Your name <input id="displayName" autocomplete="name" maxlength="100" /></label>
        <label class="choice"><input id="isNew" type="checkbox" /> I have no account yet</label>`,
  button: 'Sign in and join',
  script: `const isNew = part('isNew');

async function signUp(input) {
  const query = 'mutation ($input: SignUpInput!) { signUp(input: $input) { tokens { accessToken } } }';
  const { signUp: answer } = await ask(query, { input });
  if (answer.tokens === null) throw new Error('Open the link in the mail that you get now, then come back and sign in.');
  return answer.tokens.accessToken;
}

async function join() {
  const credentials = { email: part('email').value, password: part('password').value };
  const accessToken = isNew.checked
    ? await signUp({ ...credentials, displayName: part('displayName').value })
    : await accessTokenOf(() => signIn(credentials));
  if (accessToken === undefined) return;
  // Whatever goes wrong from here on, the account is there.
  isNew.checked = false;
  choose();
  await ask('mutation ($token: String!) { acceptInvitation(token: $token) { role } }', { token }, accessToken);
  finish('You have joined. You can close this page, and sign in where you work.');
}

function choose() {
  part('nameLabel').hidden = !isNew.checked;
  part('displayName').required = isNew.checked;
  part('password').autocomplete = isNew.checked ? 'new-password' : 'current-password';
  part('submit').textContent = isNew.checked ? 'Sign up and join' : 'Sign in and join';
}

isNew.addEventListener('change', choose);
try {
  const query = 'query ($token: String!) { invitation(token: $token) { tenantName email openToAnyone } }';
  const { invitation } = await ask(query, { token });
  part('title').textContent = 'Join ' + invitation.tenantName;
  part('email').value = invitation.email;
  part('email').readOnly = !invitation.openToAnyone;
  say('Sign in, or sign up, to accept the invitation.');
  start(join);
} catch (error) {
  say(error.message);
}
`,
});
