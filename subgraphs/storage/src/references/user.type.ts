import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** A person, of whom this subgraph knows no more than the id. */
@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('User', { description: 'A person who uses the platform.' })
export class UserType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;
}

export function toUserType(id: string): UserType {
  return Object.assign(new UserType(), { id });
}
