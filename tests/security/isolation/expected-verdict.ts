import { gatewayConfigSchema } from '@tessera/gateway/config';
import type { CallerName, FieldCase, Verdict } from './field-case.js';
import { endingWithSession, type MatrixCall } from './matrix-call.js';

const strangersFields = gatewayConfigSchema.shape.STRANGERS_FIELDS.parse(undefined);

/** Whose token was good once. */
const withRefusedToken: readonly CallerName[] = ['expired', 'signedOut', 'suspended'];

/**
 * What is to become of a call. A token that is not taken is not heeded in a request of its own for what needs nobody signed in; a
 * connection that is opened with it is refused as a whole.
 *
 * @param name of the case: `Mutation.signIn`, or with words behind it
 */
export function expectedVerdict(
  name: string,
  { verdicts }: FieldCase,
  { caller, transport }: Pick<MatrixCall, 'caller' | 'transport'>,
): Verdict {
  const field = /^\w+\.(\w+)/.exec(name)?.[1] ?? '';
  const isNobody =
    withRefusedToken.includes(caller) && !endingWithSession.includes(transport.name) && strangersFields.has(field);
  return verdicts[isNobody ? 'anonymous' : caller];
}
