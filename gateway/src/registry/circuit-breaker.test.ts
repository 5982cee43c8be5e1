import { expect, test } from '@jest/globals';
import { CircuitBreaker, type Verdict } from './circuit-breaker.js';

function aCircuit(instances = 1) {
  const states: string[] = [];
  const circuit = new CircuitBreaker({ instances, onChange: (state) => states.push(state), random: () => 0.5 });
  const send = (count: number, verdict: Verdict, nowMs: number): void => {
    for (let time = 0; time < count; time += 1) {
      const permit = circuit.admit(nowMs);
      if (permit !== undefined) circuit.report(permit, verdict, nowMs);
    }
  };
  return { circuit, states, send };
}

test('it opens when half of at least ten requests fail', () => {
  const { send, states } = aCircuit();
  send(5, 'good', 0);
  send(4, 'bad', 0);
  expect(states).toEqual([]);

  send(1, 'bad', 0);

  expect(states).toEqual(['open']);
});

test('it opens when ten fail in a row, however many went well before', () => {
  const { send, states } = aCircuit();
  send(1_000, 'good', 0);
  send(9, 'bad', 0);
  send(1, 'good', 0);
  send(9, 'bad', 0);
  expect(states).toEqual([]);

  send(1, 'bad', 0);

  expect(states).toEqual(['open']);
});

test('what may be the fault of the request is believed only when nothing else comes', () => {
  const { send, states } = aCircuit();
  for (let time = 0; time < 10; time += 1) {
    send(9, 'doubtful', 0);
    send(1, 'good', 0);
  }
  expect(states).toEqual([]);

  send(10, 'doubtful', 0);

  expect(states).toEqual(['open']);
});

test('it takes ten requests per instance to know', () => {
  const { send, states } = aCircuit(3);
  send(29, 'bad', 0);
  expect(states).toEqual([]);

  send(1, 'bad', 0);

  expect(states).toEqual(['open']);
});

test('failures of long ago, and what says nothing, do not count', () => {
  const { send, states } = aCircuit();
  send(9, 'bad', 0);
  send(100, 'unknown', 0);
  send(1, 'good', 20_000);
  send(8, 'bad', 20_000);

  expect(states).toEqual([]);
});

test('one request at a time tries, after twice as long each time it fails', () => {
  const { circuit, send } = aCircuit();
  send(10, 'bad', 0);

  expect(circuit.admit(999)).toBeUndefined();
  expect(circuit.admit(1_000)).toBe('probe');
  expect(circuit.admit(1_000)).toBeUndefined();
  circuit.report('probe', 'bad', 1_000);
  expect(circuit.admit(2_999)).toBeUndefined();
  expect(circuit.admit(3_000)).toBe('probe');
});

test('it never stays open for longer than half a minute and what its jitter adds', () => {
  const { circuit, send } = aCircuit();
  send(10, 'bad', 0);
  let nowMs = 0;

  for (let time = 0; time < 20; time += 1) send(1, 'bad', (nowMs += 40_000));

  expect(circuit.admit(nowMs + 30_000)).toBe('probe');
});

test('a try that was given up leaves the next request to try', () => {
  const { circuit, send } = aCircuit();
  send(10, 'bad', 0);
  circuit.admit(1_000);

  circuit.report('probe', 'unknown', 1_100);

  expect(circuit.admit(1_100)).toBe('probe');
});

test('answers to what was sent before it opened do not close it', () => {
  const { circuit, send, states } = aCircuit();
  const early = circuit.admit(0);
  send(10, 'bad', 0);

  if (early !== undefined) circuit.report(early, 'good', 100);

  expect(states).toEqual(['open']);
});
