// The numbers that a model name has given away. Each is given once, ever: the highest is kept in a ConfigMap that belongs
// to nobody, so that it outlives versions, jobs and the operator, and backups carry it (docs/adr/0013-numbers.md).
import { highestNumber } from '@sluice/crds/v1alpha1/model-version.ts';
import { z } from 'zod';

/** What a number was given for. */
export type Given = {
  readonly number: number;
  readonly digest: string;
  /** uid of the TrainingJob that it was given to; absent for an imported model. */
  readonly trainingJob?: string | undefined;
};

/** What is known of the numbers of a model. */
export type Numbers = {
  readonly highest: number;
  /** The newest ones, by number. */
  readonly given: readonly Given[];
};

/** A ConfigMap of numbers as it was read. */
export type NumbersConfigMap = {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>> | undefined;
};

export type ObservedNumbers = {
  readonly configMap?: NumbersConfigMap | undefined;
  /** Highest number that anything else of the namespace names; 0 for none, or while there is a ConfigMap. */
  readonly highestNamed: number;
};

/** The ConfigMap of a model's numbers. */
export const numbersName = (model: string) => `sluice-numbers-${model}`;

export const highestKey = 'highest';
export const givenKey = 'given';

/** Numbers whose bundle is remembered. */
export const mostGiven = 32;

/** Characters of a list that is read back: people can edit it. */
const longestGiven = 64 * 1024;

const givenSchema = z
  .array(
    z.object({
      number: z.int().min(1).max(highestNumber),
      digest: z.string().max(71),
      trainingJob: z.string().max(64).optional(),
    }),
  )
  .max(4 * mostGiven);

/** The list, or none when it cannot be read: numbers still count on from the highest. */
function parseGiven(text: string | undefined): readonly Given[] {
  if (text === undefined || text.length > longestGiven) return [];
  try {
    return givenSchema.safeParse(JSON.parse(text)).data ?? [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** @returns undefined when somebody made the highest number unreadable: nothing then says what was given. */
export function readNumbers({ configMap, highestNamed }: ObservedNumbers): Numbers | undefined {
  if (configMap === undefined) return { highest: highestNamed, given: [] };
  const text = configMap.data?.[highestKey] ?? '';
  const highest = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(highest <= highestNumber)) return undefined;
  const given = parseGiven(configMap.data?.[givenKey]).toSorted((a, b) => a.number - b.number);
  return { highest: Math.max(highest, highestNamed, given.at(-1)?.number ?? 0), given };
}

/** The numbers once one more is given. */
export const withGiven = ({ highest, given }: Numbers, one: Given): Numbers => ({
  highest: Math.max(highest, one.number),
  given: [...given.filter(({ number }) => number !== one.number), one]
    .toSorted((a, b) => a.number - b.number)
    .slice(-mostGiven),
});
