import { expect, test } from '@jest/globals';
import { createForwardHeaders } from '../forward-headers.js';
import { lastingHeaders } from './lasting-headers.js';

const ofBrowser = {
  host: 'a.example',
  connection: 'Upgrade, x-hop',
  upgrade: 'websocket',
  'sec-websocket-key': 'a2V5',
  origin: 'https://a.example',
  cookie: 'a=b',
  authorization: 'Bearer a',
};

test('a socket keeps nothing that no operation on it wants, and no token', () => {
  expect(lastingHeaders(ofBrowser, createForwardHeaders([]))).toEqual({});
});

test('what says something about each request stays', () => {
  const said = { 'user-agent': 'A/1', traceparent: '00-a-b-01', 'x-client-name': 'app', 'x-graphql-cost': 'true' };

  expect(lastingHeaders({ ...ofBrowser, ...said }, createForwardHeaders([]))).toEqual(said);
});

test('what is handed on to subgraphs stays, with what says which of it is not', () => {
  const forward = createForwardHeaders(['authorization', 'x-region', 'x-hop']);

  const lasting = lastingHeaders({ ...ofBrowser, 'x-region': 'eu', 'x-hop': '1' }, forward);

  const { authorization, connection } = ofBrowser;
  expect(lasting).toEqual({ authorization, connection, 'x-region': 'eu', 'x-hop': '1' });
});
