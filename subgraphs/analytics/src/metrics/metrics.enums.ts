import { registerEnumType } from 'type-graphql';
import { filterOperators, granularities, measureKinds } from './metrics-query.js';

type EnumOf<Name extends string> = Readonly<{ [Key in Name]: Key }>;

const enumOf = <Name extends string>(names: readonly Name[]): EnumOf<Name> =>
  Object.fromEntries(names.map((name) => [name, name])) as EnumOf<Name>;

export const MeasureKindEnum = enumOf(measureKinds);
export const FilterOperatorEnum = enumOf(filterOperators);
export const GranularityEnum = enumOf(granularities);

registerEnumType(MeasureKindEnum, {
  name: 'MeasureKind',
  description: 'How events become a number.',
  valuesConfig: {
    COUNT: { description: 'How many events.' },
    COUNT_DISTINCT_USERS: { description: 'How many different people.' },
    SUM: { description: 'Sum of a property.' },
    AVERAGE: { description: 'Mean of a property.' },
    MINIMUM: { description: 'Smallest value of a property.' },
    MAXIMUM: { description: 'Largest value of a property.' },
    P50: { description: 'Median of a property.' },
    P95: { description: '95th percentile of a property.' },
    P99: { description: '99th percentile of a property.' },
  },
});

registerEnumType(FilterOperatorEnum, {
  name: 'MetricsFilterOperator',
  description: 'How a dimension is compared. All but two compare text, exactly.',
  valuesConfig: {
    EQUALS: { description: 'Is the value.' },
    NOT_EQUALS: { description: 'Is not the value, or is absent.' },
    IN: { description: 'Is one of the values.' },
    GREATER_THAN: { description: 'A property that is a number greater than the value.' },
    LESS_THAN: { description: 'A property that is a number less than the value.' },
    CONTAINS: { description: 'Contains the value.' },
  },
});

registerEnumType(GranularityEnum, {
  name: 'Granularity',
  description: 'Length of the steps of a time series. Weeks begin on Monday.',
  valuesConfig: {
    SECOND: { description: 'One second.' },
    MINUTE: { description: 'One minute.' },
    HOUR: { description: 'One hour.' },
    DAY: { description: 'A day of the time zone.' },
    WEEK: { description: 'A week of the time zone.' },
    MONTH: { description: 'A calendar month of the time zone.' },
  },
});
