import { newAccessTokenHeader } from '@tessera/service/identity';
import type { SubgraphContext } from '@tessera/service/subgraph';
import type { SignInAnswer } from './sign-in-completion.js';

/** Lets the rest of the operation run as the person who has just signed in. */
export function rememberSignIn({ responseHeaders }: SubgraphContext, answer: SignInAnswer): SignInAnswer {
  if (answer.kind === 'signedIn') responseHeaders.set(newAccessTokenHeader, answer.person.tokens.accessToken);
  return answer;
}
