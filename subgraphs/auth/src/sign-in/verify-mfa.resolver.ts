import { Arg, Ctx, Field, ID, InputType, Mutation, Resolver } from 'type-graphql';
import { SignedInType, toSignedIn } from '../accounts/sign-in.type.js';
import type { AuthContext } from '../context.js';
import { rememberPerson } from './remember-sign-in.js';

@InputType({ description: 'The second factor of a sign-in.' })
export class VerifyMfaInput {
  @Field(() => ID, { description: 'As MfaRequired named it.' })
  challengeId!: string;

  @Field(() => String, { description: 'A code of the authenticator app, or a recovery code.' })
  code!: string;
}

@Resolver()
export class VerifyMfaResolver {
  @Mutation(() => SignedInType, {
    description: 'Ends a sign-in that needs a second factor. After five tries, or five minutes, it has to begin again.',
  })
  async verifyMfa(
    @Ctx() context: AuthContext,
    @Arg('input', () => VerifyMfaInput) input: VerifyMfaInput,
  ): Promise<SignedInType> {
    return toSignedIn(rememberPerson(context, await context.services.mfa.verify(context, input)));
  }
}
