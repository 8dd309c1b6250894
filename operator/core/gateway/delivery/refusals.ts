// What a gateway pod refuses of what it was offered. The operator's replica that hears it need not be the one that writes
// statuses: it gives Envoy the text to keep, and whoever reads Envoy's statistics finds it there.
import { cutEnd, printable } from '@sluice/crds/text.ts';
import { z } from 'zod';

/** Of so many resources Envoy's words are kept: more are of one kind. */
export const mostWords = 16;
const mostDeployments = 1000;
const longestName = 128;
/** Envoy's words, as they are kept. */
export const longestWords = 300;

const name = z.string().max(longestName);
const refusedSchema = z.object({
  type: z.enum(['clusters', 'listeners', 'routes']),
  /** That of the resource. */
  name,
  /** The ModelDeployment that it is for. */
  deployment: name,
  /** Envoy's own words. */
  message: z.string().max(longestWords),
});
export type Refused = z.output<typeof refusedSchema>;

const refusalsSchema = z.object({
  /** Every ModelDeployment of which something is refused. */
  deployments: z.array(name).max(mostDeployments),
  words: z.array(refusedSchema).max(mostWords),
});
export type Refusals = z.output<typeof refusalsSchema>;

export const noRefusals: Refusals = { deployments: [], words: [] };

const fit = ({ type, name, deployment, message }: Refused): Refused => ({
  ...{ type, name: cutEnd(name, longestName), deployment: cutEnd(deployment, longestName) },
  message: cutEnd(printable(reasonIn(message)), longestWords),
});

/** Envoy may print the whole resource first, and say behind it what is wrong, unless it was cut: it sends 4 KiB. */
function reasonIn(message: string): string {
  if (!message.startsWith('goo.gle/')) return message;
  const at = message.lastIndexOf('\n: ');
  return at === -1 ? 'its schema forbids a value; the reason is in the log of the pod' : message.slice(at + 3);
}

const inOrder = (a: Refused, b: Refused) => (`${a.deployment} ${a.name}` < `${b.deployment} ${b.name}` ? -1 : 1);

/** What is said when nothing is refused: Envoy keeps what it was given before when that is empty. */
export const nothingRefused = 'none';

/** In letters that Envoy's statistics show as they are. */
export function refusalText(refused: readonly Refused[]): string {
  if (refused.length === 0) return nothingRefused;
  const all = refused.toSorted(inOrder);
  const deployments = [...new Set(all.map(({ deployment }) => deployment))].slice(0, mostDeployments);
  const told: Refusals = { deployments, words: all.slice(0, mostWords).map(fit) };
  return encodeURIComponent(JSON.stringify(told)).replaceAll("'", '%27');
}

/** Longer than any that we make: a character is at most nine letters there. */
const longestText = 9 * (mostDeployments * (longestName + 3) + mostWords * (longestWords + 2 * longestName + 64));

/** What a text of ours says; nothing when it is none. */
export function refusalsIn(text: string): Refusals {
  if (text === '' || text === nothingRefused || text.length > longestText) return noRefusals;
  try {
    const { deployments, words } = refusalsSchema.parse(JSON.parse(decodeURIComponent(text)));
    return { deployments, words: words.map(fit) };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof URIError || error instanceof z.ZodError) return noRefusals;
    throw error;
  }
}
