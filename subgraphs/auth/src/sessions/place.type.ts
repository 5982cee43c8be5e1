import { Field, ObjectType } from 'type-graphql';

@ObjectType('Place', { description: 'Where an address is, as a proxy in front of the platform guesses.' })
export class PlaceType {
  @Field(() => String, { nullable: true, description: 'ISO 3166-1 alpha-2: `CH`.' })
  country!: string | null;

  @Field(() => String, { nullable: true, description: 'The city.' })
  city!: string | null;
}

/** @returns null where nothing is known */
export function toPlaceType(country: string | null, city: string | null): PlaceType | null {
  return country === null && city === null ? null : Object.assign(new PlaceType(), { country, city });
}
