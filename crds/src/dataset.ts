// The data of a model: where it is, what its columns mean, how its rows are parted.
import { z } from 'zod';
import { dataFormats } from './formats.ts';
import { atomicList, describe, digest, integer, listMap } from './fragments.ts';
import { sourceSchema } from './locations.ts';
import { missingWords } from './missing-words.ts';

const featureSchema = z
  .object({
    name: z
      .string()
      .min(1)
      .max(63)
      .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/)
      .meta(describe("The input's name in inference requests.")),
    type: z
      .enum(['Number', 'Category', 'Tensor'])
      .meta(describe('Number: a numeric column. Category: a text column. Tensor: many numeric columns as one input.')),
    column: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .meta(describe('Column to read; the name of the feature when absent.')),
    columns: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .meta(describe('Columns of a Tensor: a pattern such as p* (in natural order), or names with commas.')),
    shape: z
      .array(integer(1, 65_536))
      .min(1)
      .max(4)
      .optional()
      .meta(atomicList('Shape of one example of a Tensor; its product is the number of columns.')),
  })
  .meta(
    describe(
      'One input of the model.',
      {
        rule: "self.type == 'Tensor' ? has(self.columns) && has(self.shape) && !has(self.column) : !has(self.columns) && !has(self.shape)",
        message: 'a Tensor feature needs columns and shape; Number and Category take at most column',
      },
      {
        rule: "!has(self.columns) || !self.columns.contains('..')",
        message: 'columns is a pattern such as p* or a list such as a,b,c',
      },
    ),
  );
export type FeatureSpec = z.output<typeof featureSchema>;

/** Rows to train on or to judge by: the same fragment wherever data is named. */
export const datasetSchema = z
  .object({
    source: sourceSchema,
    format: z.enum(dataFormats).meta(describe('CSV with a header line, or one JSON object a line.')),
    digest: digest.optional().meta(describe('sha256:<hex> of the file; other bytes are refused.')),
    target: z.string().min(1).max(128).meta(describe('Column to predict.')),
    missing: z
      .array(z.string().max(64))
      .max(64)
      .optional()
      .meta(
        atomicList(
          `Words for a missing value, besides none at all; when absent: ${missingWords.join(' ')} (a number among them means itself however it is written).`,
        ),
      ),
    features: z
      .array(featureSchema)
      .min(1)
      .max(128)
      .optional()
      .meta(listMap('Inputs of the model; one per other column, with inferred types, when absent.', ['name'])),
    split: z
      .object({
        method: z
          .enum(['Random'])
          .default('Random')
          .meta(describe('Random: by a hash of the row, stable as the data grows.')),
        validationPercent: integer(0, 50).default(10).meta(describe('Rows that early stopping looks at.')),
        testPercent: integer(1, 50).default(20).meta(describe('Rows that only the evaluation sees.')),
        seed: integer(0, 2_147_483_647).default(0).meta(describe('Another seed gives another split.')),
      })
      .prefault({})
      .meta(describe('How rows are parted for training, validation and test.')),
  })
  .meta(
    describe('The data: where it is, what it means, how it is parted.', {
      rule: 'self.split.validationPercent + self.split.testPercent < 100',
      message: 'split leaves no rows to train on: keep the sum of validationPercent and testPercent below 100',
      fieldPath: '.split',
    }),
  );
export type Dataset = z.output<typeof datasetSchema>;
