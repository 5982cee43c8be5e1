import { z } from 'zod';

/** What browsers call a file of which they know nothing (RFC 2046, 4.5.1). */
const unknownType = 'application/octet-stream';

/** A type or a subtype (RFC 6838, 4.2). */
const name = '[a-z0-9][a-z0-9!#$&^_.+-]{0,126}';
const token = "[a-z0-9!#$%&'*+.^_`|~-]+";
/** Printable ASCII alone: what stands here comes back as a header. */
const quoted = '"(?:[ !#-\\[\\]-~]|\\\\[ -~])*"';
const pattern = new RegExp(`^${name}/${name}(?: ?; ?${token}=(?:${token}|${quoted}))*$`, 'i');

/**
 * `type/subtype` with any parameters (RFC 9110, 8.3.1), as the uploader gave it: only the case of the essence is made one, and white
 * space, of which signatures of S3 know no more than one.
 */
export const contentTypeSchema = z
  .string()
  .max(300)
  .transform((given) => given.replace(/[ \t]+/g, ' ').trim() || unknownType)
  .pipe(z.string().regex(pattern, 'must be like image/png'))
  .transform((type) => type.replace(/^[^; ]+/, (essence) => essence.toLowerCase()));
