import { HttpFault } from './http-fault.js';

/** Parses a body; what its values may be is looked at by who reads them. @throws HttpFault 400 */
export function parseJsonBody(text: string): unknown {
  if (text === '') throw new HttpFault(400, 'The body is empty');
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpFault(400, 'The body is not valid JSON');
  }
}
