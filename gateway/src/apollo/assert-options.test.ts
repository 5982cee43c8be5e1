import { expect, test } from '@jest/globals';
import { TesseraGateway } from './tessera-gateway.js';

type Options = ConstructorParameters<typeof TesseraGateway>[0];
const create = (options: unknown) => () => new TesseraGateway(options as Options);

test.each([
  [create(undefined), 'takes an object'],
  [create({ supergraphSdl: 5 }), 'supergraphSdl is a text, a function, or has a method initialize'],
  [create({ supergraphSdl: {} }), 'supergraphSdl is a text'],
  [create({ supergraphSdl: '', buildService: 5, planner: 'foo' }), 'buildService is a function; planner is auto'],
])('options that are none are named (%#)', (make, reason) => {
  expect(make).toThrow(reason);
});

test('what brings no supergraph is told as that', async () => {
  const gateway = new TesseraGateway({ supergraphSdl: (() => Promise.resolve({})) as unknown as string });

  await expect(gateway.load()).rejects.toThrow('promises an object { supergraphSdl');
});
