const lastCharacter = 0x10ffff;
/** Between them lie halves of characters, which no text has. */
const [beforeHalves, afterHalves] = [0xd7ff, 0xe000];

/** Names in the order of their bytes: from `first` on, below `end` where there is one. */
export interface NameRange {
  readonly first: string;
  readonly end: string | undefined;
}

/** All names that begin so: in UTF-8 the order of bytes is that of characters. */
export function namesBeginningWith(prefix: string): NameRange {
  const characters = Array.from(prefix);
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const code = last.codePointAt(0) ?? lastCharacter;
    if (code >= lastCharacter) continue;
    const next = String.fromCodePoint(code === beforeHalves ? afterHalves : code + 1);
    return { first: prefix, end: [...characters, next].join('') };
  }
  return { first: prefix, end: undefined };
}
