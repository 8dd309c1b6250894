// The models that Sluice brings along: network, optimizer and stopping rule of `trainer.builtin`.
import { z } from 'zod';
import { atomicList, describe, integer } from '../fragments.ts';

const architectureSchema = z
  .object({
    type: z
      .enum(['MLP', 'CNN', 'Linear', 'Logistic'])
      .meta(
        describe(
          'MLP: dense layers. CNN: convolutions over one image tensor. Linear: regression. Logistic: classification.',
        ),
      ),
    hiddenUnits: z
      .array(integer(1, 8192))
      .min(1)
      .max(8)
      .optional()
      .meta(atomicList('Units of each hidden dense layer; [64] for MLP and CNN when absent.')),
    filters: z
      .array(integer(1, 512))
      .min(1)
      .max(6)
      .optional()
      .meta(
        atomicList('CNN: filters of each 3 × 3 convolution, each followed by 2 × 2 max pooling; [16, 32] when absent.'),
      ),
    l2: z.number().min(0).max(10).default(0).meta(describe('L2 penalty on the weights of every layer.')),
  })
  .meta(
    describe(
      'The network.',
      {
        rule: "self.type in ['MLP', 'CNN'] || !has(self.hiddenUnits)",
        message: 'architecture.hiddenUnits needs type MLP or CNN; Linear and Logistic have no hidden layer',
      },
      { rule: "self.type == 'CNN' || !has(self.filters)", message: 'architecture.filters needs type CNN' },
    ),
  );

const optimizerSchema = z
  .object({
    type: z.enum(['Adam', 'SGD', 'Momentum']).default('Adam').meta(describe('Update rule; Momentum uses 0.9.')),
    learningRate: z.number().gt(0).max(10).default(0.001).meta(describe('Step size.')),
  })
  .prefault({})
  .meta(describe('How weights are updated.'));

const earlyStoppingSchema = z
  .object({
    metric: z.enum(['val_loss', 'val_accuracy', 'val_mae']).default('val_loss').meta(describe('What must improve.')),
    patience: integer(1, 1000).default(5).meta(describe('Epochs without improvement before training stops.')),
    minDelta: z.number().min(0).max(1e6).default(0).meta(describe('Smallest change that counts as improvement.')),
  })
  .meta(describe('Stops when the validation part no longer improves, and restores the best weights.'));

export const builtinSchema = z
  .object({
    task: z.enum(['Classification', 'Regression']).meta(describe('What the target is: a class, or a number.')),
    architecture: architectureSchema,
    epochs: integer(1, 10_000).default(30).meta(describe('Passes over the training part, at most.')),
    batchSize: integer(1, 65_536).default(32).meta(describe('Rows per step.')),
    optimizer: optimizerSchema,
    earlyStopping: earlyStoppingSchema.optional(),
    classWeights: z
      .enum(['None', 'Balanced'])
      .default('None')
      .meta(describe('Balanced: rare classes weigh more, in inverse proportion to their frequency.')),
  })
  .meta(
    describe(
      'A model that Sluice brings along.',
      {
        rule: "self.architecture.type != 'Linear' || self.task == 'Regression'",
        message: 'architecture.type Linear needs task Regression; use Logistic for Classification',
      },
      {
        rule: "self.architecture.type != 'Logistic' || self.task == 'Classification'",
        message: 'architecture.type Logistic needs task Classification; use Linear for Regression',
      },
      {
        rule: "!has(self.earlyStopping) || self.earlyStopping.metric == 'val_loss' || (self.earlyStopping.metric == 'val_accuracy') == (self.task == 'Classification')",
        message:
          'earlyStopping.metric val_accuracy needs task Classification, val_mae needs Regression; val_loss fits both',
      },
      {
        rule: "self.classWeights == 'None' || self.task == 'Classification'",
        message: 'classWeights Balanced needs task Classification',
      },
    ),
  );
export type Builtin = z.output<typeof builtinSchema>;
