import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** A person, who lives in auth and user; this subgraph knows when they were active. */
@Directive('@key(fields: "id")')
@ObjectType('User', { description: 'A person who uses the platform.' })
export class UserType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;
}

export function toUserType(id: string): UserType {
  return Object.assign(new UserType(), { id });
}
