// Asks a served model for digits, and reads its answer.
import { type Digit, inferBody } from '../digits/dataset.ts';
import { ask } from './client.ts';
import type { Place } from './place.ts';

/** What a model said about a digit. */
export interface Prediction {
  readonly digit: Digit;
  readonly answer: string;
  /** Of the answer, between 0 and 1. */
  readonly probability: number;
}

/** Predictions of one version. */
export interface Predictions {
  /** The ModelVersion that answered. */
  readonly version: string;
  readonly predictions: readonly Prediction[];
}

type InferAnswer = {
  readonly model_version: string;
  readonly outputs: readonly { readonly name: string; readonly data: readonly (string | number)[] }[];
};

/** Predicts all digits in one request; rejects with the server's words when it refuses. */
export async function predictDigits(place: Place, url: string, digits: readonly Digit[]): Promise<Predictions> {
  const { status, body } = await ask(place, url, inferBody(digits));
  if (status !== 200) throw new Error(`${url} answered ${status}: ${body.slice(0, 200)}`);
  return readPredictions(JSON.parse(body) as InferAnswer, digits);
}

/** Pairs an answer's outputs, row by row, with the digits that were sent. */
export function readPredictions(answer: InferAnswer, digits: readonly Digit[]): Predictions {
  const labels = outputOf(answer, 'label');
  const probabilities = outputOf(answer, 'probabilities').map(Number);
  const classes = probabilities.length / digits.length;
  return {
    version: answer.model_version,
    predictions: digits.map((digit, row) => ({
      digit,
      answer: String(labels[row]),
      probability: Math.max(...probabilities.slice(row * classes, (row + 1) * classes)),
    })),
  };
}

function outputOf(answer: InferAnswer, name: string): readonly (string | number)[] {
  const output = answer.outputs.find((candidate) => candidate.name === name);
  if (!output) throw new Error(`The answer of ${answer.model_version} has no output ${name}.`);
  return output.data;
}

/** Whether the model was right. */
export function isRight({ digit, answer }: Prediction): boolean {
  return answer === String(digit.label);
}
