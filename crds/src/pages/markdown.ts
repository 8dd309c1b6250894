// Tables of the generated reference pages: text that Markdown shows as it is.

/** A row of cells that are Markdown already. */
export const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** Text in a cell: outside of code, Markdown takes `<name>` for a tag and shows nothing. */
export const plain = (text: string) => escapeBars(text).replaceAll('<', '&lt;');

/** Code in a cell. */
export const code = (text: string) => `\`${escapeBars(text)}\``;

/** A bar ends a cell, even inside code. */
const escapeBars = (text: string) => text.replaceAll('|', '\\|');
