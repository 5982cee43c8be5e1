import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { recordNameOf, recordValueOf } from './domain-proof.js';
import type { EmailDomainEntity } from './email-domain.entity.js';

@ObjectType('EmailDomain', { description: 'A domain whose addresses belong to the people of a tenant.' })
export class EmailDomainType {
  @Field(() => ID, { description: 'Stays the same for ever.' })
  id!: string;

  @Field(() => String, { description: 'As DNS writes it.' })
  domain!: string;

  @Field(() => String, { description: 'Name of the TXT record that proves it.' })
  recordName!: string;

  @Field(() => String, { description: 'What that record must say.' })
  recordValue!: string;

  @Field(() => Date, { nullable: true, description: 'Since when it is proven; null where it is not, or no more.' })
  verifiedAt!: Date | null;

  @Field(() => String, {
    nullable: true,
    description: 'The role of those who join by an address of it; null where nobody does.',
  })
  autoJoinRole!: string | null;
}

@InputType({ description: 'A domain that is to be proven.' })
export class AddDomainInput {
  @Field(() => String, { description: 'Like example.com; public mail domains are refused.' })
  domain!: string;
}

@InputType({ description: 'Who may join by a domain.' })
export class SetDomainAutoJoinInput {
  @Field(() => ID, { description: 'The domain.' })
  id!: string;

  @Field(() => String, { nullable: true, description: 'The role that they get; without one nobody joins so.' })
  role?: string;
}

export function toEmailDomainType(entity: EmailDomainEntity): EmailDomainType {
  const { id, domain, token, verifiedAt, autoJoinRole } = entity;
  const record = { recordName: recordNameOf(domain), recordValue: recordValueOf(token) };
  return Object.assign(new EmailDomainType(), { id, domain, ...record, verifiedAt, autoJoinRole });
}
