import { fork } from 'node:child_process';
import { once } from 'node:events';
import { getPriority, setPriority } from 'node:os';

/** A child process that does what it is told, one order at a time; it is no part of what is measured. */
export interface OrderedProcess<Order, Result> {
  carryOut(order: Order): Promise<Result>;
  stop(): Promise<void>;
}

/** Starts one. @param script the path of a program that calls {@link takeOrders} */
export function startOrderedProcess<Order extends object, Result>(script: string): OrderedProcess<Order, Result> {
  const child = fork(script);
  return {
    async carryOut(order) {
      const result = once(child, 'message') as Promise<[Result]>;
      child.send(order);
      return (await result)[0];
    },
    async stop() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** Weaker than the bystander beside it, whose clock must go right. */
const niceness = 10;

/** In the child process: carries out orders until its parent has no more. */
export function takeOrders<Order, Result>(carryOut: (order: Order) => Promise<Result>): void {
  setPriority(Math.min(19, getPriority() + niceness));
  process.on('message', (order: Order) => void carryOut(order).then((result) => process.send?.(result)));
  process.once('disconnect', () => process.exit());
}
