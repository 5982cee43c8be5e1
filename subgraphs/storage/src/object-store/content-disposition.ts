import { essenceOf } from '@tessera/service/http';

/** Types that a browser may show in place: pictures that cannot carry script. SVG and PDF can. */
const inlineTypes: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

/** The header that makes a browser save what it must not run (RFC 6266, with the name encoded by RFC 8187). */
export function contentDisposition(contentType: string, fileName: string): string {
  const disposition = inlineTypes.has(essenceOf(contentType)) ? 'inline' : 'attachment';
  const fallback = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(/['()*]/g, encodeCharacter);
  return `${disposition}; filename="${fallback}"; filename*=UTF-8''${encoded}`;
}

/** `encodeURIComponent` leaves these four alone, RFC 8187 does not allow them. */
function encodeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
