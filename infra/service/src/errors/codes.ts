/** What one error code means to every transport: one row, read by the formatters and nowhere chosen again. */
export interface ErrorCodeTraits {
  /** HTTP status of a whole-request failure with this code. */
  readonly httpStatus: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean;
  /** Whether the message may be shown to the caller. */
  readonly safeToShow: boolean;
}

const client = (httpStatus: number): ErrorCodeTraits => ({
  httpStatus,
  logLevel: 'info',
  retryable: false,
  safeToShow: true,
});

const transient = (httpStatus: number): ErrorCodeTraits => ({
  httpStatus,
  logLevel: 'warn',
  retryable: true,
  safeToShow: true,
});

/** The one table of error codes. A new code is added here, or it does not exist. */
export const errorCodes = {
  BAD_USER_INPUT: client(400),
  GRAPHQL_PARSE_FAILED: client(400),
  GRAPHQL_VALIDATION_FAILED: client(400),
  OPERATION_TOO_COMPLEX: client(400),
  // Clients of automatic persisted queries send the text after these two, and look for them in a successful answer.
  PERSISTED_QUERY_NOT_FOUND: client(200),
  PERSISTED_QUERY_NOT_SUPPORTED: client(200),
  PERSISTED_QUERY_NOT_IN_LIST: client(400),
  UNAUTHENTICATED: client(401),
  FORBIDDEN: client(403),
  SERVICE_DISABLED: client(403),
  NOT_FOUND: client(404),
  CONFLICT: client(409),
  PRECONDITION_FAILED: client(412),
  OPERATION_TOO_LARGE: client(413),
  QUOTA_EXCEEDED: client(422),
  RATE_LIMITED: transient(429),
  SUBGRAPH_UNAVAILABLE: transient(502),
  OVERLOADED: transient(503),
  SUBGRAPH_TIMEOUT: transient(504),
  INTERNAL_SERVER_ERROR: { httpStatus: 500, logLevel: 'error', retryable: false, safeToShow: false },
} as const satisfies Record<string, ErrorCodeTraits>;

export type ErrorCode = keyof typeof errorCodes;

/** Whether a string that came from elsewhere (a subgraph's answer) is a code of the table. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value);
}
