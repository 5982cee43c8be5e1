import { Arg, Ctx, Field, InputType, Mutation, Resolver } from 'type-graphql';
import type { AuthContext } from '../context.js';
import { captchaDescription } from '../defence/captcha-description.js';

@InputType({ description: 'The password that is known, and the one to come.' })
export class ChangePasswordInput {
  @Field(() => String, { description: 'The password until now.' })
  currentPassword!: string;

  @Field(() => String, { description: '8 to 1,024 bytes.' })
  newPassword!: string;
}

@InputType({ description: 'Whose password was forgotten.' })
export class RequestPasswordResetInput {
  @Field(() => String, { description: 'Address of sign-in.' })
  email!: string;

  @Field(() => String, { nullable: true, description: captchaDescription })
  captchaToken?: string | null;
}

@InputType({ description: 'A link from a mail, and the password to come.' })
export class ResetPasswordInput {
  @Field(() => String, { description: 'The token in the link.' })
  token!: string;

  @Field(() => String, { description: '8 to 1,024 bytes.' })
  newPassword!: string;
}

@Resolver()
export class PasswordResolver {
  @Mutation(() => Boolean, { description: 'Changes the caller’s password, and signs all other devices out.' })
  async changePassword(
    @Ctx() context: AuthContext,
    @Arg('input', () => ChangePasswordInput) input: ChangePasswordInput,
  ): Promise<boolean> {
    await context.services.passwords.change(context, input);
    return true;
  }

  @Mutation(() => Boolean, {
    description: 'Sends a link to choose a new password, if the address has an account. The answer is always true.',
  })
  async requestPasswordReset(
    @Ctx() { services }: AuthContext,
    @Arg('input', () => RequestPasswordResetInput) input: RequestPasswordResetInput,
  ): Promise<boolean> {
    await services.captcha.assertPerson(input.captchaToken);
    await services.passwords.requestReset(input);
    return true;
  }

  @Mutation(() => Boolean, { description: 'Sets a new password by the link of a mail, and signs all devices out.' })
  async resetPassword(
    @Ctx() context: AuthContext,
    @Arg('input', () => ResetPasswordInput) input: ResetPasswordInput,
  ): Promise<boolean> {
    await context.services.passwords.reset(context, input);
    return true;
  }
}
