// Refuses arguments outside a formula's domain, naming the argument: a wrong figure must not come out of a typing error.

/** @throws RangeError unless `value` is a whole number of at least `least`. */
export function requireWhole(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name} must be a whole number of at least ${least}, not ${value}`);
  }
}

/** @throws RangeError unless 0 <= value <= 1. */
export function requireProbability(name: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`${name} must lie in [0, 1], not ${value}`);
}

/** @throws RangeError unless 0 < value < 1. */
export function requireOpenProbability(name: string, value: number): void {
  if (!(value > 0 && value < 1)) throw new RangeError(`${name} must lie between 0 and 1, both excluded, not ${value}`);
}

/** @throws RangeError unless `value` is a finite number above 0. */
export function requirePositive(name: string, value: number): void {
  if (!(value > 0 && value < Infinity)) throw new RangeError(`${name} must be a finite number above 0, not ${value}`);
}

/** @throws RangeError unless `trials` >= 1 and 0 <= `successes` <= `trials`, all whole. */
export function requireProportion(successes: number, trials: number): void {
  requireWhole('trials', trials, 1);
  requireWhole('successes', successes, 0);
  if (successes > trials) throw new RangeError(`successes must be at most trials (${trials}), not ${successes}`);
}

/** @throws RangeError unless `values` holds at least `least` numbers, all finite. */
export function requireSample(name: string, values: ArrayLike<number>, least: number): void {
  if (values.length < least) throw new RangeError(`${name} must hold at least ${least} values, not ${values.length}`);
  for (let index = 0; index < values.length; index++) {
    if (!Number.isFinite(values[index])) {
      throw new RangeError(`${name}[${index}] must be a finite number, not ${values[index]}`);
    }
  }
}
