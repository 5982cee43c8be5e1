import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** A person, who lives in auth and user; this subgraph only names them. */
@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('User', { description: 'A person who uses the platform.' })
export class UserType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;
}
