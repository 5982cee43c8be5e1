import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask, startGatewayOver, type GatewayOver } from '../support/gateway-over.js';
import { startRawSubgraph, type RawSubgraph } from '../support/raw-subgraph.js';

/** Asked more often than this, an operation is answered by code of its own. */
const busyUses = 25;

describe('a value of a scalar', () => {
  let subgraph: RawSubgraph;
  let over: GatewayOver;

  beforeAll(async () => {
    subgraph = await startRawSubgraph();
    const typeDefs = `scalar JSON
      type Query { id: ID  int: Int  float: Float  string: String  boolean: Boolean  json: JSON  must: Int!  list: [Int] }`;
    over = await startGatewayOver(
      { one: { typeDefs, resolvers: {} } },
      { subgraphUrls: new Map([['one', [subgraph.url]]]) },
    );
  });

  afterAll(async () => {
    await over.close();
    await subgraph.close();
  });

  const answerWith = (data: object): void =>
    subgraph.behave((response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data }));
    });

  test.each([
    ['int', ['7', 7.5, true, {}, [1]]],
    ['float', ['7.5', false]],
    ['string', [5, true, { a: 1 }, [1]]],
    ['boolean', ['yes', 0]],
    ['id', [1.5, true, {}]],
  ])('of type %s that is none is null, with an error', async (field, values) => {
    for (const value of values) {
      answerWith({ [field]: value });

      const { data, errors } = await ask(over.url, `{ ${field} }`);

      expect([value, data]).toEqual([value, { [field]: null }]);
      expect(errors).toMatchObject([
        { path: [field], message: expect.stringMatching(/^Scalar \w+ has no such value/) },
      ]);
    }
  });

  test.each([
    ['int', [0, -7, 9_007_199_254_740_991]],
    ['float', [7, 7.5, -1e300]],
    ['string', ['', 'ü']],
    ['boolean', [true, false]],
    ['id', ['a', 7]],
    ['json', ['a', 7.5, { a: [1] }, [null], false]],
  ])('of type %s is answered as it came', async (field, values) => {
    for (const value of values) {
      answerWith({ [field]: value });

      expect(await ask(over.url, `{ ${field} }`)).toEqual({ data: { [field]: value } });
    }
  });

  test('that is none is so too where the operation is asked all the time, in lists, and where null must not be', async () => {
    const source = '{ string list must }';
    answerWith({ string: 'a', list: [1, null], must: 1 });
    for (let uses = 0; uses < busyUses; uses += 1) await ask(over.url, source);

    answerWith({ string: { a: 1 }, list: [1, '2', null], must: 1 });
    const wrong = await ask(over.url, source);
    answerWith({ string: 'a', list: [], must: '1' });
    const fatal = await ask(over.url, source);

    expect(wrong.data).toEqual({ string: null, list: [1, null, null], must: 1 });
    expect(wrong.errors?.map(({ path }) => path)).toEqual([['string'], ['list', 1]]);
    expect(fatal.data).toBeNull();
    expect(fatal.errors?.map(({ path }) => path)).toEqual([['must']]);
  });
});
