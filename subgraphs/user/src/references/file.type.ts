import { Directive, Field, ID, ObjectType } from 'type-graphql';

/** A stored file, of which this subgraph knows no more than the id; the rest lives in storage. */
@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('File', { description: 'A stored file.' })
export class FileType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;
}

export function toFileType(id: string): FileType {
  return Object.assign(new FileType(), { id });
}
