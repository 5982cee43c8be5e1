import { z } from 'zod';
import { listModes, type ListMode } from './operations/list-policy.js';

/** Headers of one connection (RFC 9110, 7.6.1), and those that the gateway writes itself. */
const ownHeaders: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'accept',
  'accept-encoding',
  'content-encoding',
  'content-length',
  'content-type',
  'traceparent',
  'x-request-id',
]);

/** `tenant=2000,storage=30000`: subgraph -> milliseconds. */
export const timeoutsField = z
  .string()
  .default('')
  .transform((text, check): ReadonlyMap<string, number> => {
    const timeouts = new Map<string, number>();
    for (const entry of listed(text)) {
      const [, name, value] = /^(.+)=([1-9]\d*)$/.exec(entry) ?? [];
      if (name === undefined) check.addIssue({ code: 'custom', message: 'must be a list of name=milliseconds' });
      else timeouts.set(name.trim(), Number(value));
    }
    return timeouts;
  });

/** `ios=id-only,web=report`: client's name -> what becomes of its operations that are not registered. */
export const listModesField = z
  .string()
  .default('')
  .transform((text, check): ReadonlyMap<string, ListMode> => {
    const modes = new Map<string, ListMode>();
    for (const entry of listed(text)) {
      const [, name = '', value] = /^(.+)=(.+)$/.exec(entry) ?? [];
      const mode = listModes.find((known) => known === value?.trim());
      if (mode !== undefined) modes.set(name.trim(), mode);
      else check.addIssue({ code: 'custom', message: `must be a list of client=mode, of ${listModes.join(', ')}` });
    }
    return modes;
  });

const headerName = /^[\w!#$%&'*+.^`|~-]+$/;

/** Name of a header, in small letters. */
export const headerNameField = z.string().regex(headerName, 'must be the name of a header').toLowerCase();

/** Names of headers, in small letters; those that belong to the gateway or to one connection are refused. */
export const forwardHeadersField = z
  .string()
  .default('')
  .transform((text, check): readonly string[] => {
    const names = listed(text).map((name) => name.toLowerCase());
    for (const name of names) {
      if (!headerName.test(name)) {
        check.addIssue({ code: 'custom', message: 'must be a list of names of headers' });
      } else if (ownHeaders.has(name) || name.startsWith('x-tessera-')) {
        check.addIssue({ code: 'custom', message: `must not name ${name}, which is never handed on` });
      }
    }
    return [...new Set(names)];
  });

/** `gzip, br`: what the gateway can undo. */
export const contentCodingsField = z
  .string()
  .regex(/^(gzip|br|deflate)(\s*,\s*(gzip|br|deflate))*$/, 'must be a list of gzip, br and deflate')
  .optional();

function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
