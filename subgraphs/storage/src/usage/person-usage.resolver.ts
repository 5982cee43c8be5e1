import { GraphQLSafeInt } from '@tessera/service/graphql';
import { hasPermission, isSelf } from '@tessera/service/identity';
import { Ctx, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql';
import type { StorageContext } from '../context.js';
import { UserType } from '../references/user.type.js';

@ObjectType('PersonStorage', { description: 'How much a person stores in one tenant.' })
export class PersonStorageType {
  @Field(() => GraphQLSafeInt, { description: 'Bytes of the files that the person has uploaded, or is uploading.' })
  bytes!: number;

  @Field(() => GraphQLSafeInt, { description: 'Number of these files.' })
  files!: number;
}

@Resolver(() => UserType)
export class PersonUsageResolver {
  @FieldResolver(() => PersonStorageType, {
    nullable: true,
    description:
      'How much the person stores in the active tenant: one’s own, and for who manages members those of all; otherwise null.',
  })
  async storageUsed(
    @Root() { id }: UserType,
    @Ctx() { principal, loaders }: StorageContext,
  ): Promise<PersonStorageType | null> {
    const isTold = isSelf(principal, id) || hasPermission(principal, 'members:manage');
    if (!isTold || principal.tenantId === undefined) return null;
    const { bytes, files } = await loaders.usageByPerson.load(id);
    return Object.assign(new PersonStorageType(), { bytes, files });
  }
}
