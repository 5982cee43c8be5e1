import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { repositoryRoot } from './repository-root.js';

/** How a process ended: a status of its own, or a signal. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of the platform, started as an operator starts it. */
export interface PlatformProcess {
  readonly pid: number;
  /** Everything that it wrote so far, both streams. */
  output(): string;
  /** Resolves when it has written the text. @throws Error with its output when it ends before, or takes too long */
  written(text: string, timeoutMs?: number): Promise<void>;
  readonly ended: Promise<ProcessEnd>;
  /** Sends a signal and waits for the end. @throws Error with its output when it does not end */
  end(signal: NodeJS.Signals, timeoutMs?: number): Promise<ProcessEnd>;
}

/** A cluster's dozen processes load the same modules: compiled once, they all start sooner. */
const compileCache = join(repositoryRoot, 'node_modules/.cache/tessera-tests');

export type ProcessEnvironment = Readonly<Record<string, string>>;

/** Starts `node <script> <arguments>` in the repository's folder, with no variables of this process but those it needs. */
export function startPlatformProcess(
  script: string,
  commandLine: readonly string[] = [],
  environment: ProcessEnvironment = {},
): PlatformProcess {
  const child = spawn(process.execPath, [script, ...commandLine], {
    cwd: repositoryRoot,
    env: { PATH: process.env['PATH'], TZ: 'UTC', NODE_COMPILE_CACHE: compileCache, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const changes = new EventEmitter().setMaxListeners(0);
  let output = '';
  let isOver = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      changes.emit('change');
    });
  }
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('close', (code, signal) => {
      isOver = true;
      changes.emit('change');
      resolve({ code, signal });
    });
  });
  const told = (what: string, cause?: unknown): Error => new Error(`${script} ${what}:\n${output}`, { cause });

  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    async written(text, timeoutMs = 60_000) {
      const signal = AbortSignal.timeout(timeoutMs);
      while (!output.includes(text)) {
        if (isOver) throw told(`ended before it wrote "${text}"`);
        await once(changes, 'change', { signal }).catch((error: unknown) => {
          throw told(`did not write "${text}" in time`, error);
        });
      }
    },
    async end(name, timeoutMs = 30_000) {
      const signal = AbortSignal.timeout(timeoutMs);
      child.kill(name);
      while (!isOver) {
        await once(changes, 'change', { signal }).catch((error: unknown) => {
          child.kill('SIGKILL');
          throw told(`did not end by ${name}`, error);
        });
      }
      return ended;
    },
  };
}
