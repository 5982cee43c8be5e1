import { z } from 'zod';

const maxNameBytes = 255;

/** Slashes, backslashes, and what looks like one without being turned into one by NFKC. */
const separatorPattern = /[/\\\u2044\u2215\u2216\u29f5\u29f8\u29f9]/u;

/** Control characters, halves of characters, line ends, and invisible signs that can make `gpj.exe` read `exe.jpg`. */
const invisiblePattern = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** Separators, dots and NUL as they look after one or more rounds of percent-encoding. */
const encodedPattern = /%(25)*(2f|5c|00|2e(%(25)*2e))/i;

/** Names that mean a device on Windows, with any extension. */
const devicePattern = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** Why a name cannot be a file's name on every system that it may be saved on; undefined for a good one. */
export function faultOfFileName(name: string): string | undefined {
  const compatible = name.normalize('NFKC');
  if (name === '') return 'must not be empty';
  if (Buffer.byteLength(name) > maxNameBytes) return `must not be longer than ${maxNameBytes} bytes`;
  if (invisiblePattern.test(name)) return 'must not contain control or invisible characters';
  if (separatorPattern.test(name) || separatorPattern.test(compatible)) return 'must not contain path separators';
  if (encodedPattern.test(compatible)) return 'must not contain encoded path separators';
  if (/^\.+$/.test(compatible)) return 'must not consist of dots';
  if (/^\s|[\s.]$/u.test(compatible)) return 'must not begin or end with a space, or end with a dot';
  if (devicePattern.test(compatible)) return 'must not be the name of a device';
  return undefined;
}

/** A file's name, in one form of Unicode, so that equal names are equal bytes. */
export const fileNameSchema = z
  .string()
  .max(1_000)
  .transform((name) => name.normalize('NFC'))
  .superRefine((name, context) => {
    const fault = faultOfFileName(name);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });
