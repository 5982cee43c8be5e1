import type { Server, Socket } from 'node:net';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { AcceptBacklog } from './accept-backlog.js';

let nowMs = 0;
let turnEnds: (() => void)[] = [];
beforeEach(() => {
  nowMs = 0;
  turnEnds = [];
});

function aBacklog(): AcceptBacklog {
  return new AcceptBacklog({ now: () => nowMs, atTurnEnd: (callback) => turnEnds.push(callback) });
}

const aListener = (): Server => ({}) as Server;

/** Accepts one connection of each listener, in a turn of 100 ms. @returns how long they may have waited */
function turn(backlog: AcceptBacklog, ...listeners: readonly Server[]): readonly number[] {
  const sockets = listeners.map((listener) => {
    const socket = {} as Socket;
    backlog.accepted(listener, socket);
    return socket;
  });
  nowMs += 100;
  const ends = turnEnds;
  turnEnds = [];
  for (const end of ends) end();
  return sockets.map((socket) => backlog.takeWaitedMs(socket));
}

describe('how long a connection may have waited', () => {
  test('counts from the first of those that come turn after turn', () => {
    const [backlog, listener] = [aBacklog(), aListener()];

    const waited = [turn(backlog, listener), turn(backlog, listener), turn(backlog, listener)].flat();

    expect(waited).toEqual([0, 100, 200]);
  });

  test('counts anew where a turn had nobody waiting', () => {
    const [backlog, listener] = [aBacklog(), aListener()];
    turn(backlog, listener);
    turn(backlog, listener);
    turn(backlog);

    expect([turn(backlog, listener), turn(backlog, listener)].flat()).toEqual([0, 100]);
  });

  test('counts anew after a long pause, in which no turns are counted', () => {
    const [backlog, listener] = [aBacklog(), aListener()];
    turn(backlog, listener);
    turn(backlog);
    turn(backlog);
    expect(turnEnds).toEqual([]);
    nowMs += 60_000;

    expect(turn(backlog, listener)).toEqual([0]);
  });

  test('is of each listening socket its own', () => {
    const [backlog, crowded, quiet] = [aBacklog(), aListener(), aListener()];
    turn(backlog, crowded);
    turn(backlog, crowded);

    expect(turn(backlog, crowded, quiet)).toEqual([200, 0]);
  });

  test('is told once, and is not changed by what is handed on to another server', () => {
    const [backlog, acceptor, server] = [aBacklog(), aListener(), aListener()];
    turn(backlog, acceptor);
    const socket = {} as Socket;
    backlog.accepted(acceptor, socket);
    backlog.accepted(server, socket);
    nowMs += 5_000;

    expect([backlog.takeWaitedMs(socket), backlog.takeWaitedMs(socket)]).toEqual([100, 0]);
  });
});
