import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from '@jest/globals';

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Declares a suite that needs a program of the machine. Without it the suite fails under `CI=true`, where the program
 * must be installed, and is skipped on a laptop.
 */
export function describeWithProgram(program: string, name: string, suite: () => void): void {
  if (isInstalled(program)) {
    describe(name, suite);
  } else if (process.env['CI'] === 'true') {
    describe(name, () => {
      test(`finds ${program} on the PATH`, () => {
        throw new Error(`${program} is not installed; .ci/run installs it`);
      });
    });
  } else {
    describe.skip(`${name} (needs ${program}, which is not installed)`, suite);
  }
}
