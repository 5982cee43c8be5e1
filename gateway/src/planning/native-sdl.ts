import { Lexer, Source, TokenKind } from 'graphql';

/**
 * The text of a supergraph as the native planner reads it: it takes the description of a schema, which composed supergraphs
 * have in front, for a fault of syntax (0.0.38).
 *
 * @param sdl a supergraph that was parsed
 */
export function toNativeSdl(sdl: string): string {
  const lexer = new Lexer(new Source(sdl));
  const first = lexer.advance();
  if (first.kind !== TokenKind.BLOCK_STRING && first.kind !== TokenKind.STRING) return sdl;
  const described = lexer.advance();
  return described.value === 'schema' ? sdl.slice(described.start) : sdl;
}
