import { ListCost } from '@tessera/service/graphql';
import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { TenantContext } from '../context.js';
import {
  DefineSettingInput,
  ResetSettingInput,
  SetSettingInput,
  SettingType,
  toDefinedSettingType,
  toSettingType,
} from './setting.type.js';

@Resolver()
export class SettingResolver {
  @ListCost(20)
  @Query(() => [SettingType], { description: 'All settings as they hold for the active tenant, by key.' })
  async settings(@Ctx() context: TenantContext): Promise<SettingType[]> {
    return (await context.services.settings.list(context)).map(toSettingType);
  }

  @Query(() => SettingType, { description: 'One setting as it holds for the active tenant.' })
  async setting(@Ctx() context: TenantContext, @Arg('key', () => ID) key: string): Promise<SettingType> {
    return toSettingType(await context.services.settings.find(context, key));
  }

  @Mutation(() => SettingType, { description: 'Changes a setting of the active tenant.' })
  async setSetting(
    @Ctx() context: TenantContext,
    @Arg('input', () => SetSettingInput) input: SetSettingInput,
  ): Promise<SettingType> {
    return toSettingType(await context.services.settings.set(context, input));
  }

  @Mutation(() => SettingType, { description: 'Takes a setting of the active tenant back to its default.' })
  async resetSetting(
    @Ctx() context: TenantContext,
    @Arg('input', () => ResetSettingInput) input: ResetSettingInput,
  ): Promise<SettingType> {
    return toSettingType(await context.services.settings.reset(context, input));
  }

  @Mutation(() => SettingType, { description: 'Defines a setting, or defines it anew. For platform administrators.' })
  async defineSetting(
    @Ctx() context: TenantContext,
    @Arg('input', () => DefineSettingInput) input: DefineSettingInput,
  ): Promise<SettingType> {
    return toDefinedSettingType(await context.services.settings.define(context, input));
  }
}
