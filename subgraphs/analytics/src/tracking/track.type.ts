import { GraphQLJSON } from '@tessera/service/graphql';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';

@InputType({ description: 'Something that happened in a product.' })
export class TrackEventInput {
  @Field(() => String, {
    description: 'What happened, e.g. `checkout.completed`: up to 200 printable characters.',
  })
  name!: string;

  @Field(() => GraphQLJSON, { nullable: true, description: 'Facts about it: a JSON object of up to 8 KB.' })
  properties?: unknown;

  @Field(() => Date, { nullable: true, description: 'When it happened; now when absent or in the future.' })
  occurredAt?: Date;

  @Field(() => ID, {
    nullable: true,
    description: 'Recognises the event when it is sent again: the tenant counts each id once. Made up when absent.',
  })
  messageId?: string;
}

@InputType({ description: 'Events to store.' })
export class TrackInput {
  @Field(() => [TrackEventInput], { description: 'One to 1,000 events.' })
  events!: TrackEventInput[];

  @Field(() => Date, {
    nullable: true,
    description:
      'When this call is sent, by the clock that `occurredAt` of its events is from: they are moved by how wrong it is.',
  })
  sentAt?: Date;
}

@ObjectType('TrackPayload', { description: 'What became of tracked events.' })
export class TrackPayload {
  @Field(() => Int, { description: 'Events that are stored now.' })
  accepted!: number;

  @Field(() => Int, { description: 'Events whose messageId was known already; nothing happened with them.' })
  duplicates!: number;
}
