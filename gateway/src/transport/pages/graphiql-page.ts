/** GraphiQL for `/graphql`: queries over HTTP, subscriptions over WebSocket with the header editor's values in `connection_init`. */
export const graphiqlPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Tessera GraphiQL</title>
    <link rel="stylesheet" href="/graphiql/graphiql.css" />
    <link rel="stylesheet" href="/graphiql/page.css" />
  </head>
  <body>
    <div id="graphiql">Loading…</div>
    <script src="/graphiql/react.js"></script>
    <script src="/graphiql/react-dom.js"></script>
    <script src="/graphiql/graphiql.js"></script>
    <script src="/graphiql/page.js"></script>
  </body>
</html>
`;

export const graphiqlPageStyle = `html, body, #graphiql { height: 100%; margin: 0; }
#graphiql:not(:has(*)) { display: grid; place-items: center; font: 16px system-ui, sans-serif; }
`;

export const graphiqlPageScript = `const endpoint = new URL('/graphql', location.href);
const socketEndpoint = new URL(endpoint);
socketEndpoint.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';
const fetcher = GraphiQL.createFetcher({ url: endpoint.href, subscriptionUrl: socketEndpoint.href });
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
    defaultQuery: [
      '# Ask the graph. Who you are goes into the Headers tab below, for subscriptions too:',
      '# { "authorization": "Bearer <your access token>" }',
      '',
      '{',
      '  __typename',
      '}',
    ].join('\\n'),
  }),
);
`;
