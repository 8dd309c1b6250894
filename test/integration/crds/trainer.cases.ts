// What the apiserver takes and refuses of the builtin trainer of a TrainingJob, and of what data it needs.
import type { RuleCase } from './rule-case.ts';
import { features, tensor } from './training-data.cases.ts';

export const builtin = 'spec.trainer.builtin';

export const trainerStructure: readonly RuleCase[] = [
  {
    says: 'should be greater than 0',
    at: `${builtin}.optimizer.learningRate`,
    accepts: { 'a tiny step': { [`${builtin}.optimizer`]: { type: 'SGD', learningRate: 1e-9 } } },
    rejects: { 'no step at all': { [`${builtin}.optimizer`]: { learningRate: 0 } } },
  },
  {
    says: 'Invalid value: "string"',
    at: `${builtin}.epochs`,
    accepts: { 'a number of epochs': { [`${builtin}.epochs`]: 1 } },
    rejects: { 'a number in quotes': { [`${builtin}.epochs`]: '30' } },
  },
];

export const trainerRules: readonly RuleCase[] = [
  {
    says: 'architecture.hiddenUnits needs type MLP or CNN; Linear and Logistic have no hidden layer',
    at: `${builtin}.architecture`,
    accepts: { 'an MLP with hidden layers': { [`${builtin}.architecture`]: { type: 'MLP', hiddenUnits: [64, 32] } } },
    rejects: { 'a logistic model with one': { [`${builtin}.architecture`]: { type: 'Logistic', hiddenUnits: [64] } } },
  },
  {
    says: 'architecture.filters needs type CNN',
    at: `${builtin}.architecture`,
    accepts: {
      'a CNN with filters': { [`${builtin}.architecture`]: { type: 'CNN', filters: [8, 16] }, ...features(tensor) },
    },
    rejects: { 'an MLP with filters': { [`${builtin}.architecture`]: { type: 'MLP', filters: [8] } } },
  },
  {
    says: 'architecture.type Linear needs task Regression; use Logistic for Classification',
    at: builtin,
    accepts: { 'a linear regression': { [builtin]: { task: 'Regression', architecture: { type: 'Linear' } } } },
    rejects: { 'a linear classification': { [builtin]: { task: 'Classification', architecture: { type: 'Linear' } } } },
  },
  {
    says: 'architecture.type Logistic needs task Classification; use Linear for Regression',
    at: builtin,
    accepts: {
      'a logistic classification': { [builtin]: { task: 'Classification', architecture: { type: 'Logistic' } } },
    },
    rejects: {
      'a logistic regression of numbers': { [builtin]: { task: 'Regression', architecture: { type: 'Logistic' } } },
    },
  },
  {
    says: 'earlyStopping.metric val_accuracy needs task Classification, val_mae needs Regression; val_loss fits both',
    at: builtin,
    accepts: {
      'the loss by default': { [`${builtin}.earlyStopping`]: {} },
      'the accuracy of a classification': { [`${builtin}.earlyStopping`]: { metric: 'val_accuracy' } },
      'the error of a regression': {
        [builtin]: { task: 'Regression', architecture: { type: 'MLP' }, earlyStopping: { metric: 'val_mae' } },
      },
    },
    rejects: {
      'the error of a classification': { [`${builtin}.earlyStopping`]: { metric: 'val_mae' } },
      'the accuracy of a regression': {
        [builtin]: { task: 'Regression', architecture: { type: 'MLP' }, earlyStopping: { metric: 'val_accuracy' } },
      },
    },
  },
  {
    says: 'earlyStopping needs data.split.validationPercent above 0',
    at: 'spec',
    accepts: { neither: { 'spec.data.split': { validationPercent: 0 } } },
    rejects: {
      'nothing to look at': { [`${builtin}.earlyStopping`]: {}, 'spec.data.split': { validationPercent: 0 } },
    },
  },
  {
    says: 'classWeights Balanced needs task Classification',
    at: builtin,
    accepts: { 'balanced classes': { [`${builtin}.classWeights`]: 'Balanced' } },
    rejects: {
      'balanced numbers': {
        [builtin]: { task: 'Regression', architecture: { type: 'MLP' }, classWeights: 'Balanced' },
      },
    },
  },
  {
    says: 'architecture.type CNN needs exactly one feature of type Tensor with shape [height, width, channels] in data.features',
    at: 'spec',
    accepts: { 'an image': { [`${builtin}.architecture.type`]: 'CNN', ...features(tensor) } },
    rejects: {
      'inferred features': { [`${builtin}.architecture.type`]: 'CNN' },
      'a flat tensor': { [`${builtin}.architecture.type`]: 'CNN', ...features({ ...tensor, shape: [784] }) },
      'a number': { [`${builtin}.architecture.type`]: 'CNN', ...features({ name: 'age', type: 'Number' }) },
      'two images': { [`${builtin}.architecture.type`]: 'CNN', ...features(tensor, { ...tensor, name: 'more' }) },
    },
  },
];
