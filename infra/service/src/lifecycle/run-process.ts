import { ConfigError } from '../config/index.js';

/** Something that was started and can be stopped gracefully. */
export interface Running {
  stop(): Promise<void>;
}

/**
 * Runs a service as the process's main job: SIGTERM and SIGINT stop it gracefully, a second signal ends it at once.
 * A configuration that is not valid is printed as a list of faults and ends the process with status 78 (EX_CONFIG).
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
    const isConfigError = error instanceof ConfigError;
    process.stderr.write(`${isConfigError ? error.message : ((error as Error).stack ?? String(error))}\n`);
    process.exit(isConfigError ? 78 : 1);
  }
  if (stopRequested) void running.stop().then(() => process.exit(0));
}
