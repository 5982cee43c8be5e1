import { Directive } from 'type-graphql';

const namespace = 'cacheControl';

/**
 * What a subgraph says before it can say `@cacheControl`: its definition, and that composition is to carry it. Repeatable,
 * because of a directive that is not, composition keeps only what the first subgraph says of a shared field.
 */
export const cacheControlLink = `extend schema
  @link(url: "https://specs.tessera.dev/${namespace}/v1.0", import: ["@cacheControl"])
  @composeDirective(name: "@cacheControl")

directive @cacheControl(maxAge: Int, scope: ${namespace}__Scope, inheritMaxAge: Boolean) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION

enum ${namespace}__Scope {
  PUBLIC
  PRIVATE
}`;

/**
 * Lets gateways keep what a field answers. Who asks again within that time may not see what has changed meanwhile.
 *
 * @param scope `PUBLIC`: equal for everybody, also for who has not signed in; `PRIVATE`: for its caller alone
 */
export function CacheFor(maxAgeSeconds: number, scope: 'PUBLIC' | 'PRIVATE'): MethodDecorator & PropertyDecorator {
  return Directive(`@cacheControl(maxAge: ${maxAgeSeconds}, scope: ${scope})`);
}

/** Lets a field be kept as long as what it stands in: without it, objects and lists of them are not. */
export function CacheAsParent(): MethodDecorator & PropertyDecorator {
  return Directive('@cacheControl(inheritMaxAge: true)');
}

/** Printed from classes, a value of an enum stands as a text. */
export function mendCacheControl(types: string): string {
  return types.replaceAll(/(@cacheControl\([^)]*scope: )"(\w+)"/g, '$1$2');
}
