import { parseInput } from '@tessera/service/errors';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { z } from 'zod';
import { emailSchema } from '../accounts/email.js';
import type { AuthContext } from '../context.js';
import { captchaDescription } from '../defence/captcha-description.js';

@Resolver()
export class EmailVerificationResolver {
  @Mutation(() => Boolean, {
    description:
      'Sends a link that proves an address: the caller’s own, or for who cannot sign in yet one that has an account. The answer is always true.',
  })
  async requestEmailVerification(
    @Ctx() context: AuthContext,
    @Arg('email', () => String, { nullable: true, description: 'Only where nobody is signed in.' }) email?: string,
    @Arg('captchaToken', () => String, { nullable: true, description: captchaDescription })
    captchaToken?: string | null,
  ): Promise<boolean> {
    const { captcha, emailVerification } = context.services;
    if (email === undefined) {
      await emailVerification.requestOwn(context);
      return true;
    }
    await captcha.assertPerson(captchaToken);
    await emailVerification.request(parseInput(z.object({ email: emailSchema }), { email }).email);
    return true;
  }

  @Mutation(() => Boolean, { description: 'Takes the proof of an address: the token in the link of a mail.' })
  async verifyEmail(@Ctx() context: AuthContext, @Arg('token', () => String) token: string): Promise<boolean> {
    await context.services.emailVerification.verify(context, token);
    return true;
  }
}
