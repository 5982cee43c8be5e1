import 'reflect-metadata';
import { ArgsType, Field, Int } from 'type-graphql';

@ArgsType()
export class PageArgumentsType {
  @Field(() => Int, { nullable: true, description: 'Page size, 1 to 100; 20 when absent.' })
  first?: number;

  @Field(() => String, { nullable: true, description: 'Cursor after which the page begins.' })
  after?: string;
}
