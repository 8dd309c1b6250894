// Choices of a generator, all from one stream of random numbers.
import { type Random, uniformInt } from '@sluice/statistics/random.ts';

export class Choice {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return uniformInt(this.#random, limit);
  }

  isOnceIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** The place of one of the weights, the heavier ones more often. */
  index(weights: readonly number[]): number {
    let left = this.below(weights.reduce((sum, weight) => sum + weight, 0));
    return weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
  }

  /** One of them, each as often as the others. */
  of<Item>(items: readonly Item[]): Item {
    const [item] = items.slice(this.below(items.length));
    if (item === undefined) throw new RangeError('there is nothing to choose from');
    return item;
  }

  /** The first one mostly, any of the others once in so many times. */
  mostly<Item>(usual: Item, times: number, others: readonly Item[]): Item {
    return this.isOnceIn(times) ? this.of(others) : usual;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Uint8Array.from({ length }, () => this.below(256)));
  }

  /** Text of characters that HTTP may or may not have at such a place. */
  text(length: number): string {
    return this.bytes(length).toString('latin1');
  }
}
