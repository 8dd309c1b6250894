// Matches names against patterns in which a star stands for any text, such as `p*`.

/**
 * Whether the text is the pattern with some text for each star. What lies between two stars is taken where it comes first:
 * if the rest fits anywhere, it fits behind that, so nothing is ever tried twice.
 */
export function matchesStars(pattern: string, text: string): boolean {
  const [head = '', ...pieces] = pattern.split('*');
  const tail = pieces.pop();
  if (tail === undefined) return text === pattern;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
