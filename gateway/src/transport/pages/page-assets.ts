import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A file of an installed package that a page needs. */
export interface PageAsset {
  readonly file: string;
  readonly contentType: string;
}

const script = 'text/javascript; charset=utf-8';
const style = 'text/css; charset=utf-8';

/** The files behind GraphiQL, by the names they are served under; all of them come with npm packages. */
export function findGraphiqlAssets(): Readonly<Record<string, PageAsset>> {
  const require = createRequire(import.meta.url);
  const folderOf = (name: string, from: NodeJS.Require): string => dirname(from.resolve(`${name}/package.json`));
  const graphiql = folderOf('graphiql', require);
  // React belongs to GraphiQL, not to the gateway: whichever one it was installed with.
  const ofGraphiql = createRequire(join(graphiql, 'package.json'));
  return {
    'react.js': { file: join(folderOf('react', ofGraphiql), 'umd/react.production.min.js'), contentType: script },
    'react-dom.js': {
      file: join(folderOf('react-dom', ofGraphiql), 'umd/react-dom.production.min.js'),
      contentType: script,
    },
    'graphiql.js': { file: join(graphiql, 'graphiql.min.js'), contentType: script },
    'graphiql.css': { file: join(graphiql, 'graphiql.min.css'), contentType: style },
  };
}
