// Values of ours as Lua.

const escaped = (character: string) =>
  [...new TextEncoder().encode(character)].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('');

/** A text, whatever is in it: what could end it, and what is no letter of ASCII, is written as bytes. */
export const luaText = (value: string | undefined): string =>
  value === undefined ? 'nil' : `"${value.replace(/[^ !#-[\]-~]/gu, escaped)}"`;

/** A set of texts. */
export const luaSet = (values: readonly string[]): string =>
  `{${values.map((value) => `[${luaText(value)}] = true`).join(', ')}}`;
