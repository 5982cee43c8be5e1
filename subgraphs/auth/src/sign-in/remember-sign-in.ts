import { newAccessTokenHeader } from '@tessera/service/identity';
import type { SubgraphContext } from '@tessera/service/subgraph';
import { handOverTokens } from '../tokens/hand-over-tokens.js';
import type { SignedInPerson, SignInAnswer } from './sign-in-completion.js';

/** Lets the rest of the operation run as the person who has just signed in. */
export function rememberSignIn(context: SubgraphContext, answer: SignInAnswer): SignInAnswer {
  return answer.kind === 'signedIn' ? { ...answer, person: rememberPerson(context, answer.person) } : answer;
}

/** The same for who is signed in for certain. */
export function rememberPerson(context: SubgraphContext, person: SignedInPerson): SignedInPerson {
  context.responseHeaders.set(newAccessTokenHeader, person.tokens.accessToken);
  return { ...person, tokens: handOverTokens(context, person.tokens) };
}
