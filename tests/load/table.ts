/** Writes rows under their titles, each column as wide as it has to be. @param texts how many columns are texts: those come first */
export function formatTable(titles: readonly string[], rows: readonly (readonly string[])[], texts: number): string {
  const all = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => (column < texts ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
