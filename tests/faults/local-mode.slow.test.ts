import { afterAll, beforeAll, describe } from '@jest/globals';
import { startLocalMode, type LocalMode } from '../support/local-mode.js';
import { defineBadRequests } from './bad-requests.js';
import { defineCrash } from './crash.js';
import { defineStartFaults } from './start-faults.js';

let local: LocalMode;
beforeAll(async () => {
  local = await startLocalMode();
}, 60_000);
afterAll(() => local?.remove());

const startedLocalMode = (): LocalMode => local;

describe('bad requests', () => defineBadRequests(startedLocalMode));
describe('a start that cannot succeed', () => defineStartFaults(startedLocalMode));
describe('a crash', () => defineCrash(startedLocalMode));
