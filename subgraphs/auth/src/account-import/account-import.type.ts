import { Field, ID, InputType, ObjectType } from 'type-graphql';

@InputType({ description: 'A person whom another system has known.' })
export class ImportedAccountInput {
  @Field(() => String, { description: 'Address of sign-in.' })
  email!: string;

  @Field(() => String, { description: 'Name that others see, up to 200 characters.' })
  displayName!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The hash of their password, as the other system has it: Argon2 in PHC string format, or bcrypt. Without it they sign in by mail, or choose another.',
  })
  passwordHash?: string | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether the other system has proven the address.' })
  isEmailVerified!: boolean;

  @Field(() => String, { nullable: true, description: 'BCP 47: language of mails, and the profile’s at first.' })
  locale?: string | null;
}

@InputType({ description: 'People to take over from another system.' })
export class ImportAccountsInput {
  @Field(() => [ImportedAccountInput], { description: 'The people: 1 to 100, each address once.' })
  accounts!: ImportedAccountInput[];
}

@ObjectType('ImportedAccount', { description: 'What became of one of the people.' })
export class ImportedAccountType {
  @Field(() => String, { description: 'The address.' })
  email!: string;

  @Field(() => ID, { description: 'Who has it: `User.id`.' })
  userId!: string;

  @Field(() => Boolean, { description: 'Whether the account is new; one that was there already is left as it is.' })
  isNew!: boolean;
}
