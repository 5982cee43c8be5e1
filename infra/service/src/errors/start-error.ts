/**
 * A fault that the person who starts a process can mend. Its message is all they need to see, so no stack is printed.
 */
export class StartError extends Error {
  override readonly name: string = 'StartError';
  /** The process's exit status (sysexits.h). */
  readonly exitCode: number = 1;
}
