import { Cost } from '@tessera/service/graphql';
import { Arg, Ctx, Field, InputType, Mutation, Resolver } from 'type-graphql';
import { CompletePasskeySignInInput } from '../passkeys/passkey.type.js';
import { passwordCost } from '../passwords/password-cost.js';
import type { AuthContext } from '../context.js';

@InputType({ description: 'What proves again who calls: a passkey, or all else that the person has.' })
export class ReauthenticateInput {
  @Field(() => String, { nullable: true, description: 'The password, where the person has one.' })
  password?: string;

  @Field(() => String, {
    nullable: true,
    description: 'A code of the authenticator app, or a recovery code, where it is on.',
  })
  code?: string;

  @Field(() => CompletePasskeySignInInput, {
    nullable: true,
    description: 'In place of both: the answer to startPasskeySignIn by a passkey of the person.',
  })
  passkey?: CompletePasskeySignInInput;
}

@Resolver()
export class StepUpResolver {
  @Cost(passwordCost)
  @Mutation(() => Boolean, {
    description:
      'Proves again who calls: sensitive changes need it after fifteen minutes, and refuse with the reason REAUTHENTICATION_REQUIRED.',
  })
  async reauthenticate(
    @Ctx() context: AuthContext,
    @Arg('input', () => ReauthenticateInput) input: ReauthenticateInput,
  ): Promise<boolean> {
    await context.services.stepUp.reauthenticate(context, input);
    return true;
  }
}
