// The model card, `card.md` of a bundle: what the model is and how good it is, in Markdown for people. It holds no times.
import { headOf, printable } from '@sluice/crds/text.ts';
import type { BundleMetric, FittedFeature, FittedTarget, ManifestContent } from './manifest.ts';

/** The card's file in the bundle. */
export const cardFile = 'card.md';

/** Most features, and most classes, that a card names one by one. */
const maxListed = 50;

/** Writes the card from the manifest alone, so that it can claim nothing that the manifest does not hold. */
export function modelCard(manifest: ManifestContent): string {
  const { card, data, framework, target } = manifest;
  const sections = [
    '# Model card',
    `A ${manifest.task.toLowerCase()} model that predicts ${code(target.column)}: ${describeTarget(target)}.`,
    table(
      ['Fact', 'Value'],
      [
        ['Architecture', code(card.architecture)],
        ['Parameters', String(card.parameters)],
        ['Epochs', `${card.epochsRun} run, weights of epoch ${card.bestEpoch}`],
        ['Framework', code(`${framework.name} ${framework.version}, ${framework.backend}`)],
        ['Seed', String(manifest.seed)],
        ['Rows', `${data.rows.training} training, ${data.rows.validation} validation, ${data.rows.test} test`],
        ['Test rows that also stand in training', String(data.testRowsInTraining ?? 'not counted')],
        ['Data', code(data.digest)],
        ['Spec', code(manifest.specDigest)],
      ],
    ),
    '## Quality',
    qualityTable(manifest.metrics),
    'Intervals hold 95 % confidence for rows like those that were measured; they say nothing about other data.',
    '## Inputs',
    featureTable(manifest),
    '## Outputs',
    table(
      ['Name', 'Datatype', 'Shape'],
      manifest.signature.outputs.map(({ name, datatype, shape }) => [code(name), datatype, shapeText(shape)]),
    ),
  ];
  return `${sections.join('\n\n')}\n`;
}

function describeTarget(target: FittedTarget): string {
  if (target.type === 'Value')
    return `a number, ${short(target.mean)} ± ${short(target.deviation)} in the training rows`;
  const names = target.classes.slice(0, maxListed).map(code);
  const rest = target.classes.length - names.length;
  return `one of ${target.classes.length} classes, ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function qualityTable(metrics: readonly BundleMetric[]): string {
  if (metrics.length === 0) return 'Nothing was measured: no rows were kept for it.';
  return table(
    ['Metric', 'Rows', 'Value', '95 % interval', 'Method'],
    metrics.map(({ name, split, n, value, lower, upper, noInterval, method }) => [
      name,
      `${n} ${split}`,
      short(value),
      lower === undefined || upper === undefined
        ? `none: ${noInterval ?? 'not said'}`
        : `${short(lower)} to ${short(upper)}`,
      code(method),
    ]),
  );
}

function featureTable({ features, signature }: ManifestContent): string {
  const rows = features.slice(0, maxListed).map((feature, index) => {
    const { datatype = '', shape = [] } = signature.inputs[index] ?? {};
    return [code(feature.name), datatype, shapeText(shape), describeFeature(feature)];
  });
  const rest = features.length - rows.length;
  const listed = table(['Name', 'Datatype', 'Shape', 'Meaning'], rows);
  return rest > 0 ? `${listed}\n\nand ${rest} more.` : listed;
}

function describeFeature(feature: FittedFeature): string {
  if (feature.type === 'Category') {
    return `column ${code(feature.column)}, one of ${feature.categories.length} categories; others are allowed`;
  }
  const scale = `${short(feature.mean)} ± ${short(feature.deviation)}`;
  if (feature.type === 'Number')
    return `column ${code(feature.column)}, ${scale}; missing becomes ${short(feature.median)}`;
  return `${feature.columns.length} columns from ${code(feature.columns[0] ?? '')}, ${scale}`;
}

const shapeText = (shape: readonly number[]) => `[${shape.join(', ')}]`;

const short = (value: number) => String(Number(value.toPrecision(4)));

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text from outside as a code span: what could end the span, a table cell or a line, or start HTML, becomes a space. */
function code(text: string): string {
  return `\`${headOf(printable(text.replace(/[|`<>\\]/g, ' ')), 120)}\``;
}
