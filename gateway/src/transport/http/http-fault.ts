import { AppError, type AppErrorOptions, type ErrorCode } from '@tessera/service/errors';

/** A request that HTTP itself speaks against: method, media type, encoding. The status says more than the code. */
export class HttpFault extends Error {
  override readonly name = 'HttpFault';
  readonly error: AppError;

  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
    code: ErrorCode = 'BAD_USER_INPUT',
    options: AppErrorOptions = {},
  ) {
    super(message);
    this.error = new AppError(code, message, options);
  }

  /** What Fastify calls it, where this is thrown outside of GraphQL's own path. */
  get statusCode(): number {
    return this.status;
  }
}
