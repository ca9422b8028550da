/** Rows of the tables on annealing, and their Markdown. */

/** A row by its columns; all rows of a table have the same ones. */
export type Row = Readonly<Record<string, string | number>>;

/** Lines of a table. Two columns of one name differ by a space at the end, which is not shown. */
export function toMarkdown(rows: readonly Row[]): string[] {
  const columns = Object.keys(rows[0]!);
  return [
    `| ${columns.map((name) => name.trim()).join(' | ')} |`,
    `|${columns.map(() => '---|').join('')}`,
    ...rows.map((row) => `| ${columns.map((name) => row[name]).join(' | ')} |`),
  ];
}

export function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
