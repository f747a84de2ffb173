/** Tables and figures as the pages show them. */

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

export const count = (value: number) => Math.round(value).toLocaleString('en-US');
export const percent = (value: number, digits = 2) => `${value.toFixed(digits)} %`;
