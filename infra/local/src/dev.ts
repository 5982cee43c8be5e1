import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, watch } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Local mode that follows the sources: when one changes, everything is compiled, and where that succeeds the platform starts
 * anew. Arguments are those of `npm start`.
 */
const root = resolve(import.meta.dirname, '../../..');
const sources = [
  'gateway/src',
  'infra/service/src',
  'infra/local/src',
  ...readdirSync(resolve(root, 'subgraphs')).map((name) => `subgraphs/${name}/src`),
].filter((folder) => existsSync(resolve(root, folder)));
/** An editor writes several files at once; one compilation is enough for them. */
const settleMs = 150;

const start = (...args: readonly string[]): ChildProcess =>
  spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });

let platform = startPlatform();
let settling: NodeJS.Timeout | undefined;
let restarting = Promise.resolve();
let isStopping = false;

for (const folder of sources) {
  watch(resolve(root, folder), { recursive: true }, (_event, file) => {
    if (file === null || !file.endsWith('.ts') || isStopping) return;
    clearTimeout(settling);
    settling = setTimeout(() => {
      restarting = restarting.then(compileAndRestart);
    }, settleMs);
  });
}

// Ctrl-C reaches the platform by itself; whoever asks only this process to stop means both.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (signal === 'SIGTERM') platform.kill('SIGTERM');
    void stop();
  });
}

function startPlatform(): ChildProcess {
  return start('infra/local/dist/main.js', ...process.argv.slice(2));
}

async function compileAndRestart(): Promise<void> {
  const compiler = start('node_modules/@typescript/native/bin/tsc', '-b', 'infra/local');
  const [status] = (await once(compiler, 'exit')) as [number | null];
  if (status !== 0 || isStopping) return;
  platform.kill('SIGINT');
  await hasEnded();
  if (!isStopping) platform = startPlatform();
}

async function stop(): Promise<void> {
  isStopping = true;
  await hasEnded();
  process.exit(platform.exitCode ?? 0);
}

async function hasEnded(): Promise<void> {
  if (platform.exitCode === null && platform.signalCode === null) await once(platform, 'exit');
}
