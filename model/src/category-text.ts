// Decides which texts are the same category or class: what was read from CSV, from JSON or from a request may be written in
// more than one way.
import { parseNumber } from './natural-order.ts';

const wholeWithZeros = /^(-?(?:0|[1-9]\d*))\.0+$/;

/**
 * How a category is kept: without space around it, its letters composed (NFC), a whole number without decimals, so that 1.0
 * is 1. Other digits stay: 1.10 and 1.1 may be two versions.
 */
export function canonicalText(text: string): string {
  const trimmed = text.trim().normalize('NFC');
  const [, whole] = wholeWithZeros.exec(trimmed) ?? [];
  if (whole === undefined) return trimmed;
  return whole === '-0' ? '0' : whole;
}

/** The number that a text is, in its shortest form; undefined for a code such as 007 and for more digits than a double has. */
function numberForm(text: string): string | undefined {
  if (/^\s*[+-]?0\d/.test(text)) return undefined;
  const value = parseNumber(text);
  if (value === undefined || (Number.isInteger(value) && !Number.isSafeInteger(value))) return undefined;
  return String(value + 0);
}

/** The place of a text in a list. */
export type PlaceOf = (text: string | null) => number | undefined;

/**
 * Finds texts in a list of categories or classes: as they are written, else in their canonical form, else as the same number
 * (2.50 for 2.5) where only one of the list is that.
 */
export function findPlaces(list: readonly string[]): PlaceOf {
  const exact = new Map<string | null, number>(list.map((text, place) => [text, place]));
  let others: { readonly canonical: Map<string, number>; readonly numbers: Map<string, number> } | undefined;
  return (text) => {
    const place = exact.get(text);
    if (place !== undefined || text === null) return place;
    others ??= { canonical: placesBy(list, canonicalText), numbers: placesBy(list, numberForm) };
    const number = numberForm(text);
    return others.canonical.get(canonicalText(text)) ?? (number === undefined ? undefined : others.numbers.get(number));
  };
}

/** Places by a form of the texts that is that of no other text of the list. */
function placesBy(list: readonly string[], formOf: (text: string) => string | undefined): Map<string, number> {
  const places = new Map<string, number>();
  const shared = new Set<string>();
  list.forEach((text, place) => {
    const form = formOf(text);
    if (form === undefined) return;
    if (places.has(form)) shared.add(form);
    places.set(form, place);
  });
  for (const form of shared) places.delete(form);
  return places;
}
