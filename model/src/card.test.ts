import { describe, expect, test } from '@jest/globals';
import { modelCard } from './card.ts';
import { sampleManifest } from './testing/sample-manifest.ts';

describe('modelCard', () => {
  test('says what the model is, how good it is, and what it takes and gives', () => {
    expect(modelCard(sampleManifest)).toMatchInlineSnapshot(`
"# Model card

A classification model that predicts \`label\`: one of 2 classes, \`no\`, \`yes\`.

| Fact | Value |
| --- | --- |
| Architecture | \`MLP 1-8-2\` |
| Parameters | 34 |
| Epochs | 12 run, weights of epoch 9 |
| Framework | \`TensorFlow.js 4.22.0, tensorflow\` |
| Seed | 7 |
| Rows | 70 training, 10 validation, 20 test |
| Test rows that also stand in training | not counted |
| Data | \`sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\` |
| Spec | \`sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\` |

## Quality

| Metric | Rows | Value | 95 % interval | Method |
| --- | --- | --- | --- | --- |
| accuracy | 20 test | 0.9 | 0.7 to 0.97 | \`wilson\` |

Intervals hold 95 % confidence for rows like those that were measured; they say nothing about other data.

## Inputs

| Name | Datatype | Shape | Meaning |
| --- | --- | --- | --- |
| \`age\` | FP64 | [-1] | column \`age\`, 41.5 ± 12.25; missing becomes 40 |

## Outputs

| Name | Datatype | Shape |
| --- | --- | --- |
| \`label\` | BYTES | [-1] |
| \`probabilities\` | FP32 | [-1, 2] |
"
`);
  });

  test('says of a metric without an interval why it has none', () => {
    const metric = {
      name: 'rmse',
      split: 'test',
      value: 3,
      n: 12,
      noInterval: '12 rows are too few',
      method: 'none',
    } as const;
    expect(modelCard({ ...sampleManifest, metrics: [metric] })).toContain(
      '| rmse | 12 test | 3 | none: 12 rows are too few | `none` |',
    );
  });

  test('lets no name from the data break out of its place', () => {
    const column = 'x` | <script>\n# Heading';
    const features = [
      { type: 'Number', name: column, column: '![x](http://x)', median: 0, mean: 0, deviation: 1 } as const,
    ];
    const target = { type: 'Classes', column, classes: ['a|b', 'c\n---'] } as const;
    const card = modelCard({ ...sampleManifest, features, target: { ...target, classes: [...target.classes] } });
    expect(card).toContain('| `x script # Heading` | FP64 | [-1] | column `![x](http://x)`,');
    expect(card).toContain('predicts `x script # Heading`');
    expect(card.split('\n').filter((line) => line.startsWith('# '))).toEqual(['# Model card']);
  });

  test('names at most 50 classes', () => {
    const classes = Array.from({ length: 120 }, (_, index) => `c${index}`);
    const card = modelCard({ ...sampleManifest, target: { type: 'Classes', column: 'y', classes } });
    expect(card).toContain('`c49` and 70 more');
  });

  test('says how many rows of the test the model may know by heart', () => {
    const data = { ...sampleManifest.data, splitVersion: 2, testRowsInTraining: 3 };
    expect(modelCard({ ...sampleManifest, data })).toContain('| Test rows that also stand in training | 3 |');
  });

  test('says so when nothing was measured', () => {
    expect(modelCard({ ...sampleManifest, metrics: [] })).toContain('Nothing was measured');
  });
});
