// Says how the end of one run differs from that of another, in lines that a person can read.
import type { EndState } from './end-state.ts';
import type { NormalObject } from './normalise.ts';

/** Empty when the runs ended alike. */
export function differences(expected: EndState, found: EndState): string[] {
  return [
    ...objectDifferences(expected.objects, found.objects),
    ...pathDifferences('created', expected.comings.created, found.comings.created),
    ...pathDifferences('deleted', expected.comings.deleted, found.comings.deleted),
    ...(found.lostRequests > expected.lostRequests ? [`${found.lostRequests} requests were lost`] : []),
  ];
}

/** Objects of equal id (pods of one owner) are compared in their order. */
function objectDifferences(expected: readonly NormalObject[], found: readonly NormalObject[]): string[] {
  const ids = [...new Set([...expected, ...found].map(({ id }) => id))].sort();
  return ids.flatMap((id) => {
    const wanted = expected.filter((each) => each.id === id);
    const there = found.filter((each) => each.id === id);
    const common = wanted.slice(0, there.length);
    return [
      ...common.flatMap(({ content }, index) => pathDifferences(id, content, there[index]?.content)),
      ...wanted.slice(there.length).map(() => `${id} is missing`),
      ...there.slice(wanted.length).map(() => `${id} is too many`),
    ];
  });
}

function pathDifferences(path: string, expected: unknown, found: unknown): string[] {
  if (JSON.stringify(expected) === JSON.stringify(found)) return [];
  if (!isBranch(expected) || !isBranch(found)) {
    return [`${path}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`];
  }
  const keys = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort();
  return keys.flatMap((key) => pathDifferences(`${path}.${key}`, expected[key], found[key]));
}

const isBranch = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
