type Parameters = Readonly<Record<string, unknown>>;

/**
 * What a client that cannot set headers sends in their place, by lower-case names: the payload of `connection_init` itself or, as
 * clients do that were written for Hasura or Apollo, its `headers`. Who says who they are in either place is not anonymous.
 */
export function initHeaders(payload: Parameters = {}): Parameters {
  const { headers, ...own } = payload;
  return Object.fromEntries([...lowerCased(isObject(headers) ? headers : {}), ...lowerCased(own)]);
}

function lowerCased(parameters: Parameters): [name: string, value: unknown][] {
  return Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), value]);
}

function isObject(value: unknown): value is Parameters {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
