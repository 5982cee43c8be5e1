/**
 * What a media type is without its parameters: what lists of allowed types name. `Image/PNG; charset=utf-8` is `image/png`.
 *
 * @returns lower case
 */
export function essenceOf(mediaType: string): string {
  const [essence = ''] = mediaType.split(';', 1);
  return essence.trim().toLowerCase();
}
