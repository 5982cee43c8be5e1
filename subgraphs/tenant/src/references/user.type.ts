import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** A person, of whom this subgraph knows the memberships; the rest lives in auth and user. */
@Directive('@key(fields: "id")')
@ObjectType('User', { description: 'A person who uses the platform.' })
export class UserType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;
}

export function toUserType(id: string): UserType {
  return Object.assign(new UserType(), { id });
}
