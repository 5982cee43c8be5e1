/** What people see who open the gateway in a browser. */
export function landingPage(withGraphiql: boolean): string {
  const links = [
    ...(withGraphiql ? [['/graphql', 'GraphiQL', 'Ask the graph from your browser']] : []),
    ['/health', 'Health', 'The process is alive'],
    ['/ready', 'Readiness', 'Every subgraph, one by one'],
    ['/.well-known/jwks.json', 'Keys', 'To verify access tokens'],
  ];
  const items = links.map(([href, name, text]) => `<li><a href="${href}"><b>${name}</b><span>${text}</span></a></li>`);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Tessera</title>
    <style>${landingStyle}</style>
  </head>
  <body>
    <main>
      <h1>Tessera</h1>
      <p>The gateway is running. Clients talk to <code>/graphql</code>: queries and mutations over HTTP, subscriptions
        over WebSocket.</p>
      <ul>${items.join('')}</ul>
    </main>
  </body>
</html>
`;
}

const landingStyle = `
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 16px/1.5 system-ui, sans-serif;
    background: light-dark(#f6f7f9, #14161a); color: light-dark(#1c2530, #e6e9ee); }
  main { max-width: 34rem; padding: 2rem; }
  h1 { font-size: 2.5rem; letter-spacing: -0.03em; margin: 0; }
  ul { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 0.75rem; }
  a { display: block; padding: 0.9rem 1rem; border: 1px solid var(--line); border-radius: 0.6rem; color: inherit; text-decoration: none; }
  a:hover, a:focus-visible { border-color: light-dark(#3a6df0, #8fb0ff); }
  a b { display: block; }
  a span { opacity: 0.7; font-size: 0.9rem; }
`;
