/** Where links in invitation mails lead, unless a front end of one's own answers there (`APP_URL` of the tenant subgraph). */
export const invitationPath = '/invitations/accept';

/** Shows an invitation and accepts it, for people with an account and for new ones. The token stands in the link's fragment. */
export const invitationPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Invitation</title>
    <link rel="stylesheet" href="${invitationPath}.css" />
    <script defer src="${invitationPath}.js"></script>
  </head>
  <body>
    <main>
      <h1 id="title">Invitation</h1>
      <p id="message" role="status">Loading…</p>
      <form id="form" hidden>
        <label>Address <input id="email" type="email" autocomplete="username" required maxlength="320" /></label>
        <label>Password <input id="password" type="password" autocomplete="current-password" required /></label>
        <label id="nameLabel" hidden>Your name <input id="displayName" autocomplete="name" maxlength="100" /></label>
        <label class="choice"><input id="isNew" type="checkbox" /> I have no account yet</label>
        <button id="submit">Sign in and join</button>
      </form>
    </main>
  </body>
</html>
`;

export const invitationPageStyle = `:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 16px/1.5 system-ui, sans-serif; }
main { width: min(26rem, 90vw); }
form { display: grid; gap: 0.9rem; }
form[hidden], label[hidden] { display: none; }
label { display: grid; gap: 0.25rem; }
label.choice { display: block; }
input:not([type='checkbox']), button { font: inherit; padding: 0.5rem 0.7rem; border: 1px solid GrayText; border-radius: 0.4rem; }
`;

/** Everything that comes from the server or the link is set as text, never as markup. */
export const invitationPageScript = `const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
const part = (id) => document.getElementById(id);
const say = (text) => { part('message').textContent = text; };

async function ask(query, variables, accessToken) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(accessToken === undefined ? {} : { authorization: 'Bearer ' + accessToken }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors !== undefined) throw new Error(errors[0].message);
  return data;
}

async function signIn(input) {
  const { signIn: answer } = await ask(
    'mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on SignedIn { tokens { accessToken } } } }',
    { input },
  );
  if (answer.__typename !== 'SignedIn') throw new Error('This account has a second factor: accept the invitation in your app.');
  return answer.tokens.accessToken;
}

async function signUp(input) {
  const { signUp: answer } = await ask(
    'mutation ($input: SignUpInput!) { signUp(input: $input) { tokens { accessToken } } }',
    { input },
  );
  if (answer.tokens === null) throw new Error('Open the link in the mail that you get now, then come back and sign in.');
  return answer.tokens.accessToken;
}

async function join(event) {
  event.preventDefault();
  part('submit').disabled = true;
  say('One moment…');
  try {
    const credentials = { email: part('email').value, password: part('password').value };
    const isNew = part('isNew').checked;
    const accessToken = isNew
      ? await signUp({ ...credentials, displayName: part('displayName').value })
      : await signIn(credentials);
    // Whatever goes wrong from here on, the account is there.
    part('isNew').checked = false;
    choose();
    await ask('mutation ($token: String!) { acceptInvitation(token: $token) { role } }', { token }, accessToken);
    part('form').hidden = true;
    say('You have joined. You can close this page, and sign in where you work.');
  } catch (error) {
    say(error.message);
  }
  part('submit').disabled = false;
}

function choose() {
  const isNew = part('isNew').checked;
  part('nameLabel').hidden = !isNew;
  part('displayName').required = isNew;
  part('password').autocomplete = isNew ? 'new-password' : 'current-password';
  part('submit').textContent = isNew ? 'Sign up and join' : 'Sign in and join';
}

async function show() {
  try {
    const { invitation } = await ask(
      'query ($token: String!) { invitation(token: $token) { tenantName email openToAnyone } }',
      { token },
    );
    part('title').textContent = 'Join ' + invitation.tenantName;
    part('email').value = invitation.email;
    part('email').readOnly = !invitation.openToAnyone;
    part('form').hidden = false;
    say('Sign in, or sign up, to accept the invitation.');
  } catch (error) {
    say(error.message);
  }
}

part('form').addEventListener('submit', join);
part('isNew').addEventListener('change', choose);
show();
`;
