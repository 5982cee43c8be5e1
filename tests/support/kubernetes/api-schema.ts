import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { goModules } from '../go-programs.js';
import type { Manifest } from './manifests.js';

type Schema = Readonly<Record<string, unknown>>;

/** Where the Kubernetes project's own description of its API is, once `.ci/run` has loaded it; undefined before. */
export function apiSchemaFolder(): string | undefined {
  const parent = join(goModules, 'k8s.io');
  const versions = existsSync(parent) ? readdirSync(parent).filter((name) => name.startsWith('kubernetes@')) : [];
  const folders = versions.map((version) => join(parent, version, 'api/openapi-spec/v3'));
  return folders.filter((folder) => existsSync(folder)).at(-1);
}

/** Judges objects as an API server does by strict validation: what it does not know, and what is of another type, is a fault. */
export class ApiSchema {
  readonly #folder: string;
  readonly #kinds = new Map<string, z.ZodType>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns one line for each fault */
  faultsOf(manifest: Manifest): readonly string[] {
    const { apiVersion, kind, metadata } = manifest;
    const key = `${apiVersion} ${kind}`;
    const schema = this.#kinds.get(key) ?? this.#read(apiVersion, kind);
    if (schema === undefined) return [`${key}: there is no such kind`];
    this.#kinds.set(key, schema);
    const { error } = schema.safeParse(manifest);
    return (error?.issues ?? []).map(({ path, message }) => `${kind} ${metadata.name} ${path.join('.')}: ${message}`);
  }

  #read(apiVersion: string, kind: string): z.ZodType | undefined {
    const [version, group = ''] = apiVersion.split('/').reverse();
    const file = join(this.#folder, `${group === '' ? 'api' : `apis__${group}`}__${version}_openapi.json`);
    if (!existsSync(file)) return undefined;
    const { components } = JSON.parse(readFileSync(file, 'utf8')) as {
      readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
    };
    const found = Object.entries(components.schemas).find(([, schema]) => isOf(schema, { group, version, kind }));
    if (found === undefined) return undefined;
    const definitions = Object.entries(components.schemas).map(([name, schema]) => [name, toStrict(schema)] as const);
    return z.fromJSONSchema({ $ref: reference(found[0]), $defs: Object.fromEntries(definitions) });
  }
}

const reference = (name: string): string => `#/$defs/${name}`;

function isOf(schema: Schema, wanted: { group: string; version: string | undefined; kind: string }): boolean {
  const kinds = schema['x-kubernetes-group-version-kind'] as readonly Schema[] | undefined;
  return (
    kinds?.some(({ group, version, kind }) => [group, version, kind].join() === Object.values(wanted).join()) === true
  );
}

/** OpenAPI's schema as JSON Schema that knows no other properties. Formats are left out, for most are Kubernetes' own. */
function toStrict(schema: unknown): Schema {
  if (Array.isArray(schema)) return schema.map(toStrict) as unknown as Schema;
  if (typeof schema !== 'object' || schema === null) return schema as unknown as Schema;
  const { $ref, allOf, properties, ...rest } = schema as Record<string, unknown>;
  if (typeof $ref === 'string') return { $ref: reference($ref.replace('#/components/schemas/', '')) };
  // A reference with a description or a default beside it.
  if (Array.isArray(allOf) && allOf.length === 1) return toStrict(allOf[0]);
  const known = Object.entries(rest).filter(([key]) =>
    ['type', 'items', 'additionalProperties', 'required', 'enum', 'oneOf'].includes(key),
  );
  const strict = Object.fromEntries(known.map(([key, value]) => [key, toStrict(value)]));
  if (properties === undefined) return strict;
  const own = Object.entries(properties as Schema).map(([name, value]) => [name, toStrict(value)] as const);
  return { additionalProperties: false, ...strict, properties: Object.fromEntries(own) };
}
