import { Directive, Field, ID, ObjectType } from 'type-graphql';
import type { SessionState } from '../tokens/token-issuer.js';

@Directive('@key(fields: "id")')
@ObjectType('User', { description: 'A person who uses the platform.' })
export class UserType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;

  @Directive('@external')
  @Field(() => String, { description: 'Name that others see.' })
  displayName?: string;

  /** The session that this very request opened: its person is not the request's principal yet. */
  openedSession?: SessionState;
}

export function toUserType(id: string): UserType {
  return Object.assign(new UserType(), { id });
}

/** The person who has just signed up or in. */
export function toSignedInUser(openedSession: SessionState): UserType {
  return Object.assign(new UserType(), { id: openedSession.userId, openedSession });
}
