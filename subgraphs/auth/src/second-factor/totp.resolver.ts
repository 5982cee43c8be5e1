import { Arg, Ctx, Field, InputType, Int, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import type { AuthContext } from '../context.js';

@ObjectType('MfaStatus', { description: 'What the caller has turned on beside the first factor.' })
export class MfaStatusType {
  @Field(() => Boolean, { description: 'Whether an authenticator app is asked for.' })
  isTotpEnabled!: boolean;

  @Field(() => Int, { description: 'Recovery codes that are not used yet.' })
  recoveryCodesLeft!: number;
}

@ObjectType('TotpEnrollment', { description: 'What an authenticator app needs to know, shown once.' })
export class TotpEnrollmentType {
  @Field(() => String, { description: 'The secret in base 32, to be typed.' })
  secret!: string;

  @Field(() => String, { description: '`otpauth://…`, to be shown as a QR code.' })
  uri!: string;
}

@ObjectType('RecoveryCodes', { description: 'Codes for who has lost the app; each is good once.' })
export class RecoveryCodesType {
  @Field(() => [String], { description: 'Shown this one time.' })
  codes!: readonly string[];
}

@InputType({ description: 'The first code of an authenticator app.' })
export class ConfirmTotpInput {
  @Field(() => String, { description: 'Six digits.' })
  code!: string;
}

const toRecoveryCodes = (codes: readonly string[]): RecoveryCodesType =>
  Object.assign(new RecoveryCodesType(), { codes });

@Resolver()
export class TotpResolver {
  @Query(() => MfaStatusType, { description: 'What the caller has turned on beside the first factor.' })
  async mfaStatus(@Ctx() context: AuthContext): Promise<MfaStatusType> {
    return Object.assign(new MfaStatusType(), await context.services.totp.status(context));
  }

  @Mutation(() => TotpEnrollmentType, {
    description: 'Makes a secret for an authenticator app; confirmTotp turns it on. Needs a recent authentication.',
  })
  async enrollTotp(@Ctx() context: AuthContext): Promise<TotpEnrollmentType> {
    return Object.assign(new TotpEnrollmentType(), await context.services.totp.enroll(context));
  }

  @Mutation(() => RecoveryCodesType, {
    description: 'Turns the authenticator app on: sign-ins ask for its codes from now on.',
  })
  async confirmTotp(
    @Ctx() context: AuthContext,
    @Arg('input', () => ConfirmTotpInput) input: ConfirmTotpInput,
  ): Promise<RecoveryCodesType> {
    return toRecoveryCodes(await context.services.totp.confirm(context, input));
  }

  @Mutation(() => Boolean, { description: 'Turns the authenticator app off. Needs a recent authentication with it.' })
  async disableTotp(@Ctx() context: AuthContext): Promise<boolean> {
    await context.services.totp.disable(context);
    return true;
  }

  @Mutation(() => RecoveryCodesType, {
    description: 'Makes new recovery codes in place of all that were. Needs a recent authentication with the app.',
  })
  async regenerateRecoveryCodes(@Ctx() context: AuthContext): Promise<RecoveryCodesType> {
    return toRecoveryCodes(await context.services.totp.regenerate(context));
  }
}
