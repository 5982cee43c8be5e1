import { readdirSync } from 'node:fs';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const subgraphs = readdirSync(new URL('subgraphs', import.meta.url));

/** Forbids imports by pattern, each with the reason why. */
const forbid = (files, patterns) => ({
  files,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns, paths: [nodeHttp] }] },
});

const nodeHttp = {
  name: 'node:http',
  allowTypeImports: true,
  message: 'It loads undici: take http from @tessera/service/http.',
};

const otherPackages = (...names) => names.map((name) => `@tessera/${name}/**`);

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.data/**', 'gateway/console/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] }, conditionNames: ['source', 'import', 'node'] }),
      ],
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-depth': ['error', 4],
    },
  },
  { files: ['**/*.test.ts', 'tests/**/*.ts'], rules: { 'max-lines': ['error', { max: 400, skipBlankLines: true }] } },
  {
    files: ['**/src/**/*.ts'],
    ignores: ['**/main.ts', '**/config.ts', 'infra/local/**', '**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'Read config, not process.env.',
        },
      ],
    },
  },
  forbid(['**/src/**/*.ts'], []),
  forbid(
    ['infra/service/src/**/*.ts'],
    [
      {
        group: otherPackages('gateway', 'local', ...subgraphs),
        message: 'The service package knows none of its users.',
      },
    ],
  ),
  forbid(
    ['gateway/src/**/*.ts'],
    [
      { group: otherPackages('local', ...subgraphs), message: 'The gateway meets subgraphs in SDL and over HTTP.' },
      {
        group: ['@tessera/service/database', '@tessera/service/tenancy', '@tessera/service/graphql', '@mikro-orm/*'],
        message: 'The gateway loads neither the ORM nor type-graphql.',
      },
      { group: ['@tessera/service/subgraph', 'type-graphql'], message: 'The gateway is no subgraph.' },
    ],
  ),
  ...subgraphs.map((name) =>
    forbid(
      [`subgraphs/${name}/src/**/*.ts`],
      [
        {
          group: otherPackages('gateway', 'local', ...subgraphs.filter((other) => other !== name)),
          message: 'Subgraphs meet in the graph and through events.',
        },
      ],
    ),
  ),
  forbid(
    ['subgraphs/*/src/**/*.service.ts'],
    [
      { group: ['graphql', 'type-graphql', '@tessera/service/graphql'], message: 'A service knows no GraphQL.' },
      { group: ['fastify', '@tessera/service/http'], message: 'A service knows no HTTP.' },
      {
        group: ['*.resolver.js', '*.type.js', '**/*.resolver.js', '**/*.type.js'],
        message: 'Resolvers call services.',
      },
    ],
  ),
);
