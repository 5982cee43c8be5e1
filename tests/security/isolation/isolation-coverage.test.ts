import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Supergraph } from '@apollo/federation-internals';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../support/repository-root.js';
import { coordinatesIn, coordinatesOf } from './coverage.js';
import { allOperations, fieldCases } from './fields.js';

const supergraphSdl = readFileSync(resolve(repositoryRoot, 'schema/supergraph.graphql'), 'utf8');
const schema = Supergraph.build(supergraphSdl, { supportedFeatures: null }).apiSchema().toGraphQLJSSchema();
const operations = allOperations();

describe('the isolation matrix', () => {
  test('calls every field of Query, Mutation and Subscription', () => {
    const roots = coordinatesOf(schema).filter((name) => /^(Query|Mutation|Subscription)\./.test(name));

    const missing = roots
      .filter((name) => !operations.has(name))
      .map(
        (name) => `${name}: add a case to tests/security/isolation/fields-<subgraph>.ts, with what each caller gets`,
      );
    expect(missing).toEqual([]);
  });

  test('selects every field of every type', () => {
    const selected = new Set([...operations.values()].flatMap((operation) => coordinatesIn(schema, operation)));

    const missing = coordinatesOf(schema)
      .filter((name) => !selected.has(name))
      .map((name) => `${name}: select it in a case of tests/security/isolation/fields-<subgraph>.ts`);
    expect(missing).toEqual([]);
  });

  test('has cases only for what is there, each under the name of what it calls', () => {
    const misnamed = [...operations].filter(([name, operation]) => !coordinatesIn(schema, operation).includes(name));

    expect(misnamed).toEqual([]);
  });

  test('sends whatever a field takes', () => {
    const withoutVariables = Object.entries(fieldCases)
      .filter(([, { operation, variables, fresh }]) => /\$/.test(operation) && !variables && !fresh)
      .map(([name]) => name);

    expect(withoutVariables).toEqual([]);
  });
});
