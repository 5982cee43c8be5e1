import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

/**
 * Local mode that follows the sources: the compiler watches them, and Node restarts the platform when what was compiled
 * changes. Arguments are those of `npm start`.
 */
const root = resolve(import.meta.dirname, '../../..');
const start = (...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });

const children = [
  start('node_modules/@typescript/native/bin/tsc', '-b', '--watch', '--preserveWatchOutput'),
  start('--watch', '--watch-preserve-output', 'infra/local/dist/main.js', ...process.argv.slice(2)),
];

// Ctrl-C reaches the children by itself; whoever asks only this process to stop means them too.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => children.forEach((child) => child.kill('SIGTERM')));
for (const child of children) {
  child.once('exit', (code) => {
    children.forEach((other) => other.kill('SIGTERM'));
    process.exitCode = code ?? 0;
  });
}
