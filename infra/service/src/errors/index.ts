export { AppError, notFound, type AppErrorOptions } from './app-error.js';
export { errorCodes, isErrorCode, type ErrorCode, type ErrorCodeTraits } from './codes.js';
export { fromContention } from './contention.js';
export { errorExtensions, toAppError, type ErrorExtensions } from './extensions.js';
export { parseInput } from './parse-input.js';
export { StartError } from './start-error.js';
