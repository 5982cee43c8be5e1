import { Arg, Ctx, Field, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import type { AuthContext } from '../context.js';

@InputType({ description: 'The address to come.' })
export class RequestEmailChangeInput {
  @Field(() => String, { description: 'Address of sign-in from then on.' })
  newEmail!: string;
}

@InputType({ description: 'The link of a mail to one of the two addresses.' })
export class ConfirmEmailChangeInput {
  @Field(() => String, { description: 'The token in the link.' })
  token!: string;
}

@ObjectType('EmailChange', { description: 'How far a change of address has come.' })
export class EmailChangeType {
  @Field(() => Boolean, { description: 'Whether it is done; otherwise the other address has to confirm it too.' })
  isComplete!: boolean;
}

@Resolver()
export class EmailChangeResolver {
  @Mutation(() => Boolean, {
    description:
      'Sends links to the caller’s address and to the one to come: both confirm the change. Needs a recent authentication.',
  })
  async requestEmailChange(
    @Ctx() context: AuthContext,
    @Arg('input', () => RequestEmailChangeInput) input: RequestEmailChangeInput,
  ): Promise<boolean> {
    await context.services.emailChange.request(context, input);
    return true;
  }

  @Mutation(() => EmailChangeType, {
    description:
      'Confirms a change of address by the link of a mail; the new address where one is signed in to the account.',
  })
  async confirmEmailChange(
    @Ctx() context: AuthContext,
    @Arg('input', () => ConfirmEmailChangeInput) input: ConfirmEmailChangeInput,
  ): Promise<EmailChangeType> {
    const isComplete = await context.services.emailChange.confirm(context, input);
    return Object.assign(new EmailChangeType(), { isComplete });
  }
}
