import { Field, Int, ObjectType } from 'type-graphql';
import type { IssuedTokens } from './token-issuer.js';

@ObjectType('AuthTokens', { description: 'What proves who calls.' })
export class AuthTokensType {
  @Field(() => String, {
    description: 'Goes with every request, as `Authorization: Bearer …`. Empty where the gateway keeps it in a cookie.',
  })
  accessToken!: string;

  @Field(() => String, {
    description:
      'Exchanged once for new tokens, within seven days. Keep it secret. Empty where the gateway keeps it in a cookie.',
  })
  refreshToken!: string;

  @Field(() => Int, { description: 'Seconds until the access token ends.' })
  expiresIn!: number;
}

export function toAuthTokensType({ accessToken, refreshToken, expiresIn }: IssuedTokens): AuthTokensType {
  return Object.assign(new AuthTokensType(), { accessToken, refreshToken, expiresIn });
}
