// The kinds of test sets whose metrics are tried: what a model answers and what is true, drawn from a known law.
import { type Random, uniform } from '@sluice/statistics/random.ts';

/** A law of classes. `lean` is the log odds of each class before anything is seen. */
export type ClassShape = {
  readonly type: 'Classes';
  readonly name: string;
  readonly lean: readonly number[];
  /** How much the rows tell of their class. */
  readonly spread: number;
  /** The model's log odds over the true ones: 1 is calibrated, 2 is too sure of itself. */
  readonly sureness: number;
};

/** A law of the errors of a regression, of mean 0; what is predicted is normal and independent of them. */
export type ValueShape = { readonly type: 'Values'; readonly name: string; readonly error: (random: Random) => number };

export type Shape = ClassShape | ValueShape;

export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - uniform(random))) * Math.cos(2 * Math.PI * uniform(random));
}

const logNormal = (sigma: number) => (random: Random) => Math.exp(sigma * normal(random)) - Math.exp(sigma ** 2 / 2);

const studentT = (degrees: number) => (random: Random) => {
  let squares = 0;
  for (let one = 0; one < degrees; one++) squares += normal(random) ** 2;
  return normal(random) / Math.sqrt(squares / degrees);
};

const classes = (name: string, lean: readonly number[], sureness = 1): ClassShape => ({
  ...{ type: 'Classes', name, lean, sureness },
  spread: 2,
});

const values = (name: string, error: ValueShape['error']): ValueShape => ({ type: 'Values', name, error });

export const shapes: readonly Shape[] = [
  values('normal errors', normal),
  values('exponential errors', (random) => -Math.log(1 - uniform(random)) - 1),
  values('log-normal errors, σ = 0.5', logNormal(0.5)),
  values('log-normal errors, σ = 1', logNormal(1)),
  values('heavy tails, t with 5 degrees', studentT(5)),
  values('heavy tails, t with 3 degrees', studentT(3)),
  classes('2 classes, calibrated', [0, 0]),
  classes('2 classes, too sure', [0, 0], 2),
  classes('2 classes, one rare', [0, -5]),
  classes('3 classes, rare ones', [0, -3, -5]),
  classes(
    '10 classes',
    Array.from({ length: 10 }, () => 0),
  ),
  classes(
    '10 classes, rarer and rarer',
    Array.from({ length: 10 }, (_, index) => -index / 2),
  ),
];

/** One row: the model's probabilities, written to `into`, and the actual class. */
export function drawClass({ lean, spread, sureness }: ClassShape, random: Random, into: Float32Array): number {
  const odds = lean.map((one) => one + spread * normal(random));
  const shares = softmax(odds);
  let rest = uniform(random);
  let actual = shares.findIndex((share) => {
    rest -= share;
    return rest < 0;
  });
  if (actual < 0) actual = shares.length - 1;
  into.set(softmax(odds.map((one) => sureness * one)));
  return actual;
}

function softmax(odds: readonly number[]): number[] {
  const most = Math.max(...odds);
  const powers = odds.map((one) => Math.exp(one - most));
  const sum = powers.reduce((total, one) => total + one, 0);
  return powers.map((one) => one / sum);
}
