import { expect, test } from '@jest/globals';
import type { HostLink, HostListener } from './host-link.js';
import type { HostReply, HostRequest } from './host-messages.js';
import { createSharedHosts } from './shared-hosts.js';

interface FakeHost {
  readonly posted: HostRequest[];
  answer(reply: HostReply): void;
  /** Ends by itself. */
  die(): void;
  isAlive: boolean;
  isHeld: boolean;
}

/** Hosts that do nothing by themselves. */
function setUp() {
  const hosts: FakeHost[] = [];
  const share = createSharedHosts((listener) => {
    const host: FakeHost = {
      posted: [],
      answer: (reply) => listener.reply(reply),
      die: () => listener.ended('died'),
      isAlive: true,
      isHeld: false,
    };
    hosts.push(host);
    return {
      post: (request) => void host.posted.push(request),
      hold: () => void (host.isHeld = true),
      release: () => void (host.isHeld = false),
      processorMs: async () => 7,
      kill() {
        host.isAlive = false;
        listener.ended('killed');
      },
    };
  });
  return { hosts, share };
}

/** What a planner hears of its host. */
function listen(): { readonly heard: string[]; readonly listener: HostListener } {
  const heard: string[] = [];
  return {
    heard,
    listener: { reply: ({ kind }) => void heard.push(kind), ended: (reason) => void heard.push(reason) },
  };
}

const load = (supergraphSdl: string): HostRequest => ({ kind: 'load', supergraphSdl });
const plan = (operation: string): HostRequest => ({ kind: 'plan', operation, operationName: undefined, roll: 0 });

/** Two planners, one after the other, that have loaded their supergraphs. */
function setUpTwo() {
  const { hosts, share } = setUp();
  const heard: string[][] = [];
  const links: HostLink[] = [];
  for (const sdl of ['one', 'two']) {
    const listening = listen();
    const link = share()(listening.listener);
    link.post(load(sdl));
    heard.push(listening.heard);
    links.push(link);
  }
  hosts[0]?.answer({ kind: 'loaded', seat: 1 });
  hosts[0]?.answer({ kind: 'loaded', seat: 2 });
  const [one, two] = links;
  if (one === undefined || two === undefined) throw new Error('There are two planners');
  return { hosts, heard, one, two };
}

test('planners of two supergraphs share a host, and each gets its own answers', () => {
  const { hosts, heard, one, two } = setUpTwo();
  one.post(plan('{ a }'));
  two.post(plan('{ b }'));

  hosts[0]?.answer({ kind: 'planned', plan: { kind: 'QueryPlan' }, seat: 2 });

  expect(hosts).toHaveLength(1);
  expect(hosts[0]?.posted.slice(2)).toEqual([
    { ...plan('{ a }'), seat: 1 },
    { ...plan('{ b }'), seat: 2 },
  ]);
  expect(heard).toEqual([['loaded'], ['loaded', 'planned']]);
});

test('hosts of one planner are different ones', () => {
  const { hosts, share } = setUp();
  const open = share();

  open(listen().listener);
  open(listen().listener);

  expect(hosts).toHaveLength(2);
});

test('a planner that closes leaves the host to the others, and ends it as the last', async () => {
  const { hosts, heard, one, two } = setUpTwo();

  one.kill();
  await Promise.resolve();

  expect(hosts[0]).toMatchObject({ isAlive: true });
  expect(hosts[0]?.posted.at(-1)).toEqual({ kind: 'leave', seat: 1 });
  expect(heard[0]).toEqual(['loaded', 'it was left to others']);
  two.kill();
  expect(hosts[0]).toMatchObject({ isAlive: false });
  expect(heard[1]).toEqual(['loaded', 'killed']);
});

test('who shares a host with a plan that is ended gets its own plan from another one', async () => {
  const { hosts, heard, one, two } = setUpTwo();
  one.post(plan('{ endless }'));
  two.post(plan('{ b }'));

  one.kill();

  expect(heard[0]).toEqual(['loaded', 'killed']);
  expect(hosts[1]?.posted).toEqual([{ ...load('two'), seat: 1 }]);
  // What it took at the host that is gone does not count.
  expect(await two.processorMs()).toBeUndefined();
  hosts[1]?.answer({ kind: 'loaded', seat: 1 });
  expect(hosts[1]?.posted.at(-1)).toEqual({ ...plan('{ b }'), seat: 1 });
  hosts[1]?.answer({ kind: 'planned', plan: { kind: 'QueryPlan' }, seat: 1 });
  expect(heard[1]).toEqual(['loaded', 'planned']);
  expect(await two.processorMs()).toBe(7);
});

test('who waited for nothing is planned for at another host, too', () => {
  const { hosts, heard, one, two } = setUpTwo();
  one.post(plan('{ endless }'));
  one.kill();

  two.post(plan('{ b }'));
  hosts[1]?.answer({ kind: 'loaded', seat: 1 });

  expect(hosts[1]?.posted).toEqual([
    { ...load('two'), seat: 1 },
    { ...plan('{ b }'), seat: 1 },
  ]);
  expect(heard[1]).toEqual(['loaded']);
});

test('where a host dies, who has waited longest is told, and others that wait try again', () => {
  const { hosts, heard, one, two } = setUpTwo();
  two.post(plan('{ huge }'));
  one.post(plan('{ a }'));

  hosts[0]?.die();

  expect(heard[1]).toEqual(['loaded', 'died']);
  hosts[1]?.answer({ kind: 'loaded', seat: 1 });
  expect(hosts[1]?.posted).toEqual([
    { ...load('one'), seat: 1 },
    { ...plan('{ a }'), seat: 1 },
  ]);
  expect(heard[0]).toEqual(['loaded']);
});

test('a host keeps the process alive as long as somebody waits for it', () => {
  const { hosts, one, two } = setUpTwo();

  one.hold();
  two.hold();
  one.release();
  expect(hosts[0]).toMatchObject({ isHeld: true });
  two.release();

  expect(hosts[0]).toMatchObject({ isHeld: false });
});
