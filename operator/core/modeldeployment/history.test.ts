// Whatever is trained, imported, deleted, made anew, pinned and refused: Latest only moves forward, by trial, and what was
// refused stays refused.
import { describe, expect, test } from '@jest/globals';
import type { ModelDeploymentStatus } from '@sluice/crds/v1alpha1/model-deployment.ts';
import fc from 'fast-check';
import { versionNumber } from '../names.ts';
import { aimAt, withRejectionsNamed } from './choice/aim.ts';
import { formerRevisions } from './choice/former.ts';
import { nextPlace } from './choice/place.ts';
import { keepRejections, rejectionFor, rejectionOf } from './choice/rejections.ts';
import type { ServableVersion } from './observed.ts';
import { trialOf } from './rollout/start-trial.ts';
import { modelDeployment, observe, settings, start, traffic, version } from './testing/samples.ts';

type Pin = { readonly version: string } | { readonly digest: string };
type Spec = { pin: Pin | undefined; workers: number; retryToken: string };

/** A namespace in which whoever is on its way arrives, or is refused, when the history says so. */
class World {
  versions: ServableVersion[] = [];
  spec: Spec = { pin: undefined, workers: 1, retryToken: '' };
  status: ModelDeploymentStatus = { observedGeneration: 1 };

  /** What a round decides on what is there now. */
  look() {
    const { pin, workers, retryToken } = this.spec;
    const model = pin ?? { track: 'Latest' };
    const changes = {
      model: { name: 'digits', ...model },
      server: { workers },
      rollout: { steps: [{ name: 'probe', weightPercent: 5 }], retryToken },
    };
    const given = observe({ modelDeployment: modelDeployment(changes, this.status), versions: this.versions });
    const observed = withRejectionsNamed(given, settings);
    const { wanted } = aimAt(observed, settings);
    const place = nextPlace(observed.modelDeployment.status, wanted, []);
    const isTried = trialOf(observed, place, { shares: [], traffic: traffic(), settings }) !== undefined;
    return { observed, wanted, place, isTried };
  }

  /** The round is written down, and its candidate arrives or is refused. */
  decide(how: 'Wait' | 'Arrive' | 'Refuse'): void {
    const { observed, place } = this.look();
    const { stable, candidate } = place;
    const { modelDeployment: deployment } = observed;
    const isRefused = how === 'Refuse' && candidate;
    const next =
      how === 'Arrive' && candidate ? { stable: candidate } : { stable, ...(isRefused ? {} : { candidate }) };
    const refusal = isRefused
      ? rejectionFor(candidate, { gate: 'errors', message: '' }, { retryToken: this.spec.retryToken, now: start })
      : undefined;
    const { former: _, rejected: __, stable: ___, candidate: ____, ...rest } = this.status;
    this.status = {
      ...rest,
      ...(next.stable ? { stable: next.stable } : {}),
      ...('candidate' in next && next.candidate ? { candidate: next.candidate } : {}),
      former: formerRevisions(this.status, next.stable),
      rejected: keepRejections(deployment, refusal, next.stable?.revision),
    };
  }
}

const numberIn = (name: string | undefined) => (name === undefined ? 0 : (versionNumber('digits', name) ?? 0));

const number = fc.integer({ min: 1, max: 5 });
const bytes = fc.integer({ min: 1, max: 3 }).map(String);
const pins: fc.Arbitrary<Pin>[] = [
  number.map((each) => ({ version: `digits-${each}` })),
  bytes.map((made) => ({ digest: version(1, 'True', made).spec.bundle.digest })),
];
type Event = (world: World) => void;
const without = (world: World, gone: number) => world.versions.filter(({ spec }) => spec.number !== gone);

const events: fc.Arbitrary<Event> = fc.oneof(
  fc.tuple(number, bytes, fc.constantFrom('True' as const, 'True' as const, 'False' as const)).map(
    ([each, made, ready]): Event =>
      (world) => {
        world.versions = [...without(world, each), version(each, ready, made)];
      },
  ),
  number.map(
    (each): Event =>
      (world) => {
        world.versions = without(world, each);
      },
  ),
  fc.oneof(...pins, fc.constant(undefined)).map(
    (pin): Event =>
      (world) => {
        world.spec = { ...world.spec, pin };
      },
  ),
  fc.record({ workers: fc.constantFrom(1, 1, 1, 2), retryToken: fc.constantFrom('', 'b') }).map(
    (change): Event =>
      (world) => {
        world.spec = { ...world.spec, ...change };
      },
  ),
  fc.constantFrom('Wait' as const, 'Arrive' as const, 'Arrive' as const, 'Refuse' as const).map(
    (how): Event =>
      (world) =>
        world.decide(how),
  ),
);

describe('any history of versions, pins and verdicts', () => {
  test('never moves Latest backward, and skips no trial that nobody asked to skip', () => {
    fc.assert(
      fc.property(fc.array(events, { minLength: 10, maxLength: 60, size: 'max' }), (history) => {
        const world = new World();
        for (const event of history) {
          event(world);
          const { observed, wanted, place, isTried } = world.look();
          const { stable, candidate } = place;
          if (wanted) expect(rejectionOf(observed.modelDeployment, wanted.revision)).toBeUndefined();
          if (world.spec.pin !== undefined || !candidate) continue;
          const isSameModel = candidate.digest === stable?.digest;
          if (!isSameModel) expect(numberIn(candidate.version)).toBeGreaterThan(numberIn(stable?.version));
          expect(isTried || isSameModel).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });
});
