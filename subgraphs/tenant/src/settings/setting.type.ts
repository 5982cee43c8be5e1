import { GraphQLJSON } from '@tessera/service/graphql';
import type { JsonObject, JsonValue } from '@tessera/service/json';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Setting } from './setting.service.js';
import type { SettingDefinition } from './setting-definition.js';

@ObjectType('Setting', { description: 'A document by which a tenant is configured.' })
export class SettingType {
  @Field(() => ID, { description: 'What it is called.' })
  key!: string;

  @Field(() => String, { description: 'What it is for.' })
  description!: string;

  @Field(() => GraphQLJSON, { description: 'What its value looks like: JSON Schema, draft-07.' })
  schema!: JsonObject;

  @Field(() => GraphQLJSON, { nullable: true, description: 'What holds for the active tenant.' })
  value!: JsonValue;

  @Field(() => Boolean, {
    description: 'Whether that is the default: the tenant has set none, or one that fits no more.',
  })
  isDefault!: boolean;

  @Field(() => Int, { description: 'How often the tenant has changed it; to be sent with a change.' })
  version!: number;
}

@InputType({ description: 'What a setting of the active tenant becomes.' })
export class SetSettingInput {
  @Field(() => ID, { description: 'The setting.' })
  key!: string;

  @Field(() => GraphQLJSON, { nullable: true, description: 'Its value, as its schema describes it; 16 KB at most.' })
  value!: JsonValue;

  @Field(() => Int, {
    nullable: true,
    description: 'CONFLICT unless this is its version; without it the last one wins.',
  })
  expectedVersion?: number;
}

@InputType({ description: 'Which setting of the active tenant goes back to its default.' })
export class ResetSettingInput {
  @Field(() => ID, { description: 'The setting.' })
  key!: string;

  @Field(() => Int, {
    nullable: true,
    description: 'CONFLICT unless this is its version; without it the last one wins.',
  })
  expectedVersion?: number;
}

@InputType({ description: 'A setting for all tenants.' })
export class DefineSettingInput {
  @Field(() => ID, { description: 'Letters, digits, dots and hyphens.' })
  key!: string;

  @Field(() => String, { description: 'What it is for: 500 characters at most.' })
  description!: string;

  @Field(() => GraphQLJSON, { description: 'JSON Schema (draft-07) without references and patterns; 16 KB at most.' })
  schema!: JsonObject;

  @Field(() => GraphQLJSON, { nullable: true, description: 'What holds where a tenant has set none.' })
  defaultValue!: JsonValue;
}

export function toSettingType({ definition, value, isDefault, version }: Setting): SettingType {
  const { key, description, schema } = definition;
  return Object.assign(new SettingType(), { key, description, schema, value, isDefault, version });
}

/** A setting that no tenant has set yet. */
export function toDefinedSettingType(definition: SettingDefinition): SettingType {
  return toSettingType({ definition, value: definition.defaultValue, isDefault: true, version: 0 });
}
