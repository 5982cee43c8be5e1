import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Supergraph } from '@apollo/federation-internals';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../support/repository-root.js';
import { isInputObjectType, isObjectType } from 'graphql';
import { coordinatesIn, coordinatesOf, idCoordinatesOf, inputsIn } from './coverage.js';
import { pagedLists, platformLists } from './cursors.js';
import { callerNames, type Maker, type Things } from './field-case.js';
import { allOperations, fieldCases, streamCases } from './fields.js';

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

  test('sends cursors of the tenant to every list that goes on behind one', () => {
    const lists = Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
      .filter(({ field }) => field.args.some(({ name }) => name === 'after'))
      .map(({ type, field }) => `${type.name}.${field.name}`);

    const known = [...Object.keys(pagedLists), ...platformLists];
    const missing = lists
      .filter((name) => !known.includes(name))
      .map((name) => `${name}: add it to tests/security/isolation/cursors.ts, with how a stranger reads it`);
    expect(missing).toEqual([]);
    expect(known.filter((name) => !lists.includes(name))).toEqual([]);
  });

  test('knows of every address that somebody may hand in: none of them is ever called', () => {
    const address = /url|uri|host|endpoint|webhook|callback|server/i;
    const named = (owner: string, { name }: { readonly name: string }) =>
      address.test(name) ? [`${owner}.${name}`] : [];
    const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
    const found = types.flatMap((type) => {
      if (isInputObjectType(type)) return Object.values(type.getFields()).flatMap((field) => named(type.name, field));
      if (!isObjectType(type)) return [];
      const fields = Object.values(type.getFields());
      return fields.flatMap(({ name, args }) => args.flatMap((argument) => named(`${type.name}.${name}`, argument)));
    });

    // Both name pages of the platform's own list, to which a browser is sent: `integration/auth/oidc`. Webhooks go to where
    // settings say, and nowhere inside: `integration/service/webhooks`.
    expect(found.sort()).toEqual(['CompleteOidcInput.callbackUrl', 'StartOidcInput.redirectUri']);
  });

  test('has cases only for what is there, each under the name of what it calls', () => {
    const misnamed = [...operations].filter(([name, operation]) => {
      const [coordinate = ''] = name.split(' ');
      return !coordinatesIn(schema, operation).includes(coordinate);
    });

    expect(misnamed).toEqual([]);
  });

  test('says of every caller what comes of each subscription', () => {
    const named = Object.entries(streamCases).map(([name, { subscribers, silent = [], refused }]) => [
      name,
      [...subscribers, ...silent, ...Object.keys(refused)].sort(),
    ]);

    expect(named).toEqual(Object.keys(streamCases).map((name) => [name, [...callerNames].sort()]));
  });

  test('sends whatever a field takes', () => {
    const withoutVariables = Object.entries(fieldCases)
      .filter(([, { operation, variables, fresh }]) => /\$/.test(operation) && !variables && !fresh)
      .map(([name]) => name);

    expect(withoutVariables).toEqual([]);
  });

  test('sends an id to everything that takes one', async () => {
    const things = new Proxy({} as Things, { get: () => randomUUID() });
    const maker = new Proxy({} as Maker, { get: (_, name) => (name === 'things' ? things : async () => randomUUID()) });
    const sent = new Set<string>();
    for (const { operation, variables, ...rest } of [...Object.values(fieldCases), ...Object.values(streamCases)]) {
      const values = 'fresh' in rest && rest.fresh ? await rest.fresh(maker) : (variables?.(things) ?? {});
      for (const coordinate of inputsIn(schema, operation, values)) sent.add(coordinate);
    }

    // Those of filters by `oracles.ts`, the message's by `attacks.ts`.
    expect(idCoordinatesOf(schema).filter((coordinate) => !sent.has(coordinate))).toEqual([
      'AuditFilter.actorId',
      'AuditFilter.impersonatorId',
      'AuditFilter.subjectId',
      'TrackEventInput.messageId',
    ]);
  });
});
