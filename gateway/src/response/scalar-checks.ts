/** How a value of a scalar is recognised: as a function, and as the condition that generated code asks of a variable. */
export interface ScalarCheck {
  readonly isValue: (value: unknown) => boolean;
  readonly condition: (variable: string) => string;
}

const ofType = (name: 'string' | 'number' | 'boolean'): ScalarCheck => ({
  isValue: (value) => typeof value === name,
  condition: (variable) => `typeof ${variable} === '${name}'`,
});

const isInteger = Number.isInteger;

/**
 * What may be answered for the built-in scalars (specification, section 3.5, result coercion); of others only their subgraphs know. Larger
 * integers than 32 bits hold pass, for servers of languages with larger ones send them, and so do numbers as ids.
 */
export const scalarChecks: ReadonlyMap<string, ScalarCheck> = new Map([
  ['Boolean', ofType('boolean')],
  ['Float', ofType('number')],
  ['String', ofType('string')],
  ['Int', { isValue: isInteger, condition: (variable) => `Number.isInteger(${variable})` }],
  [
    'ID',
    {
      isValue: (value) => typeof value === 'string' || isInteger(value),
      condition: (variable) => `typeof ${variable} === 'string' || Number.isInteger(${variable})`,
    },
  ],
]);
