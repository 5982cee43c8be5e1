import { StartError } from '../errors/index.js';

/** Something that was started and can be stopped gracefully. */
export interface Running {
  stop(): Promise<void>;
}

/**
 * Runs a service as the process's main job: SIGTERM and SIGINT stop it gracefully, a second signal ends it at once.
 * A {@link StartError} is printed without a stack and ends the process with its status (78, EX_CONFIG, for a faulty
 * configuration).
 */
export async function runProcess(start: () => Promise<Running>): Promise<void> {
  let running: Running | undefined;
  let stopRequested = false;
  const stop = (): void => {
    if (stopRequested) process.exit(1);
    stopRequested = true;
    if (running !== undefined) void running.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  try {
    running = await start();
  } catch (error) {
    const canBeMended = error instanceof StartError;
    process.stderr.write(`${canBeMended ? error.message : ((error as Error).stack ?? String(error))}\n`);
    process.exit(canBeMended ? error.exitCode : 1);
  }
  if (stopRequested) void running.stop().then(() => process.exit(0));
}
