/** Where the script and the style are that all pages with a form share. */
export const formScriptPath = '/pages/form.js';
export const formStylePath = '/pages/form.css';

/** A page that does what the link of a mail is about. The link's token stands in its fragment, which no server sees. */
export interface FormPage {
  readonly path: string;
  readonly html: string;
  /** A module beside the page, at its path with `.js`. */
  readonly script: string;
}

export interface FormPageOptions {
  readonly path: string;
  readonly title: string;
  /** What is said before anything is done. */
  readonly message: string;
  /** Markup between the message and the button. */
  readonly fields: string;
  readonly button: string;
  /** What the script does, beyond {@link formScript}, of which it may use everything. */
  readonly script: string;
}

/** Fields of who signs in, or up, to do it. The code is asked for once it is needed. */
export const codeField =
  '<label id="codeLabel" hidden>Code of your authenticator app <input id="code" autocomplete="one-time-code" maxlength="64" /></label>';

export function formPage({ path, title, message, fields, button, script }: FormPageOptions): FormPage {
  const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <link rel="stylesheet" href="${formStylePath}" />
    <script type="module" src="${path}.js"></script>
  </head>
  <body>
    <main>
      <h1 id="title">${title}</h1>
      <p id="message" role="status">${message}</p>
      <form id="form" hidden>
        ${fields}
        <button id="submit">${button}</button>
      </form>
    </main>
  </body>
</html>
`;
  const names = 'accessTokenOf, ask, finish, part, say, signIn, start, token';
  return { path, html, script: `import { ${names} } from '${formScriptPath}';\n${script}` };
}

export const formStyle = `:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 16px/1.5 system-ui, sans-serif; }
main { width: min(26rem, 90vw); }
form { display: grid; gap: 0.9rem; }
form[hidden], label[hidden] { display: none; }
label { display: grid; gap: 0.25rem; }
label.choice { display: block; }
input:not([type='checkbox']), button, textarea { font: inherit; padding: 0.5rem 0.7rem; border: 1px solid GrayText; border-radius: 0.4rem; }
`;

/** Everything that comes from the server or the link is set as text, never as markup. */
export const formScript = `export const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
export const part = (id) => document.getElementById(id);
export const say = (text) => { part('message').textContent = text; };

export async function ask(query, variables, accessToken) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(accessToken === undefined ? {} : { authorization: 'Bearer ' + accessToken }),
    },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors !== undefined) throw Object.assign(new Error(errors[0].message), { code: errors[0].extensions.code });
  return data;
}

let challengeId;
let triesLeft = 0;

function askForCode(id) {
  challengeId = id;
  // As many as the server lets: then the sign-in has to begin again.
  triesLeft = 5;
  part('codeLabel').hidden = id === undefined;
  part('code').required = id !== undefined;
  part('code').value = '';
}

export async function signIn(input) {
  const query = \`mutation ($input: SignInInput!) {
    signIn(input: $input) { ... on SignedIn { tokens { accessToken } } ... on MfaRequired { challengeId } }
  }\`;
  return (await ask(query, { input })).signIn;
}

/** The access token of who signs in; undefined where the second factor is asked for first, in the same form. */
export async function accessTokenOf(signIn) {
  if (challengeId !== undefined) {
    const query = 'mutation ($input: VerifyMfaInput!) { verifyMfa(input: $input) { tokens { accessToken } } }';
    const input = { challengeId, code: part('code').value };
    triesLeft -= 1;
    if (triesLeft === 0) askForCode(undefined);
    const { verifyMfa } = await ask(query, { input });
    // It is good once: what follows may be refused, and be tried by somebody else.
    askForCode(undefined);
    return verifyMfa.tokens.accessToken;
  }
  const answer = await signIn();
  if (answer.tokens !== undefined) return answer.tokens.accessToken;
  askForCode(answer.challengeId);
  part('code').focus();
  say('Now the code of your authenticator app, or a recovery code.');
  return undefined;
}

export function finish(text) {
  part('form').hidden = true;
  say(text);
}

/** Shows the form, and runs what it is for each time that it is sent, until it has worked. */
export function start(submit) {
  part('form').addEventListener('submit', async (event) => {
    event.preventDefault();
    part('submit').disabled = true;
    say('One moment…');
    try {
      await submit();
    } catch (error) {
      say(error.message);
    }
    part('submit').disabled = false;
  });
  part('form').hidden = false;
}
`;
