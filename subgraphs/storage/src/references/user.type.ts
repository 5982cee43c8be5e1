import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** A person, of whom this subgraph knows how much they store. */
@Directive('@key(fields: "id")')
@ObjectType('User', { description: 'A person who uses the platform.' })
export class UserType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;
}

export function toUserType(id: string): UserType {
  return Object.assign(new UserType(), { id });
}
