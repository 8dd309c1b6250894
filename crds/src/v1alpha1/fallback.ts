// What clients are given when a revision fails on a request, or is too slow for it.
import { z } from 'zod';
import { longestRequestSeconds } from '../contract.ts';
import { atomicList, describe, integer, listMap } from '../fragments.ts';

/** Bounds of a static answer: together less than `largestStaticAnswer` characters of JSON. */
const mostOutputs = 4;
const mostNumbers = 64;
const mostStrings = 8;
export const largestStaticAnswer = 16_384;

/** Bounds of the body that is kept to be asked again. */
export const keptBytes = { least: 1024, usual: 65_536, most: 1_048_576 } as const;

export const budgetMilliseconds = { least: 10, most: longestRequestSeconds * 1000 } as const;

/** How many elements the shape has; CEL has no product of a list. */
const elements = [0, 1, 2, 3].map((index) => `(self.shape.size() > ${index} ? self.shape[${index}] : 1)`).join(' * ');

const outputSchema = z
  .object({
    name: z
      .string()
      .min(1)
      .max(64)
      .meta(describe('Name of the output, as the model has it: label, probabilities, value.')),
    datatype: z
      .enum(['BYTES', 'INT32', 'INT64', 'FP32', 'FP64'])
      .meta(describe('Type of its elements. BYTES are strings.')),
    shape: z
      .array(integer(1, mostNumbers))
      .min(1)
      .max(4)
      .meta(atomicList('Its shape. The answer is the same whatever the shape of the request was.')),
    numbers: z
      .array(z.number().min(-1e15).max(1e15))
      .min(1)
      .max(mostNumbers)
      .optional()
      .meta(atomicList('The elements, the last dimension first to change.')),
    strings: z
      .array(
        z
          .string()
          .max(64)
          .regex(/^[^\p{Cc}]*$/u),
      )
      .min(1)
      .max(mostStrings)
      .optional()
      .meta(atomicList('The elements of BYTES.')),
  })
  .meta(
    describe(
      'An output of the answer.',
      {
        rule: "(self.datatype == 'BYTES') == has(self.strings) && (self.datatype == 'BYTES') != has(self.numbers)",
        message: 'an output of datatype BYTES has strings, one of any other datatype has numbers',
      },
      {
        rule: "!self.datatype.startsWith('INT') || !has(self.numbers) || self.numbers.all(number, number == double(int(number)))",
        message: 'numbers of datatypes INT32 and INT64 must be whole: use FP32 or FP64',
        fieldPath: '.numbers',
      },
      {
        rule: `${elements} == (has(self.numbers) ? self.numbers.size() : has(self.strings) ? self.strings.size() : 0)`,
        message: 'shape must have as many elements as there are numbers or strings: their count is its product',
        fieldPath: '.shape',
      },
    ),
  );

const liveVersionSchema = z
  .object({
    requestBytes: integer(keptBytes.least, keptBytes.most)
      .default(keptBytes.usual)
      .meta(
        describe(
          'Largest body of a request that is asked again. Gateway pods hold so much of each request to a candidate until it is answered.',
        ),
      ),
  })
  .meta(
    describe(
      'The live revision answers what a candidate failed on. What it answers then is evidence for neither of them.',
    ),
  );

const staticAnswerSchema = z
  .object({
    outputs: z
      .array(outputSchema)
      .min(1)
      .max(mostOutputs)
      .meta(listMap('What the answer holds beside the name of the model.', ['name'])),
  })
  .meta(describe('An answer with status 200 that no model made, when none has answered.'));

export const fallbackSchema = z
  .object({
    afterMilliseconds: integer(budgetMilliseconds.least, budgetMilliseconds.most)
      .optional()
      .meta(
        describe(
          'Time budget: a revision whose answer is not there by then has failed on the request, which counts as its error. Without it server.requestTimeoutSeconds is the limit.',
        ),
      ),
    liveVersion: liveVersionSchema.optional(),
    staticAnswer: staticAnswerSchema.optional(),
  })
  .meta(
    describe(
      'What clients are given instead of an error when a revision fails on an infer request: 5xx, a broken connection, no pod, or more time than the budget. Without it they are given the error.',
      {
        rule: 'has(self.liveVersion) || has(self.staticAnswer)',
        message: 'set fallback.liveVersion, fallback.staticAnswer, or both: a time budget alone is no answer',
      },
    ),
  );
export type Fallback = z.output<typeof fallbackSchema>;
