// Whatever is trained, imported, deleted and interrupted: a number of a model that was ever good to serve names one model.
import { describe, expect, test } from '@jest/globals';
import type { ModelVersionSpec } from '@sluice/crds/v1alpha1/model-version.ts';
import type { ModelVersionObserved } from '@sluice/operator/core/modelversion/observed.ts';
import { numberToKeep, otherModel } from '@sluice/operator/core/modelversion/provenance.ts';
import { mostGiven, type NumbersConfigMap } from '@sluice/operator/core/numbers/numbers.ts';
import type { Child } from '@sluice/operator/core/plan.ts';
import { observe, startTime, trainingJob } from '@sluice/operator/core/trainingjob/testing/samples.ts';
import { numberFor } from '@sluice/operator/core/trainingjob/version.ts';
import fc from 'fast-check';

type Job = { readonly uid: string; readonly digest: string };

const digestOf = (bytes: number) => `sha256:${String(bytes).repeat(64)}`;
const uriOf = (digest: string) => `pvc://models/digits/${digest.replace(':', '-')}`;

class World {
  configMap: NumbersConfigMap | undefined;
  versions: ModelVersionSpec[] = [];
  /** Jobs whose operator died before their version was made. */
  waiting: Job[] = [];
  /** What each number was good to serve as. */
  readonly served = new Map<number, string>();
  #writes = 0;

  get numbers() {
    const highestNamed = this.configMap ? 0 : Math.max(0, ...this.versions.map(({ number }) => number));
    return { configMap: this.configMap, highestNamed };
  }

  write({ manifest }: Child): void {
    this.#writes += 1;
    const metadata = { uid: 'numbers', resourceVersion: String(this.#writes) };
    this.configMap = { metadata, data: manifest['data'] as Record<string, string> };
  }

  /** Rounds of a job that has ended, until its version is made or its operator dies. @param life writes until then. */
  publish(job: Job, life = Number.POSITIVE_INFINITY): void {
    for (let writes = 0; writes < life; writes += 1) {
      const observed = this.#observe(job);
      const naming = numberFor(observed, job);
      if (naming.type === 'Refused') throw new Error(naming.message);
      if (naming.type === 'Given') {
        const lineage = { trainingJob: { name: 'fit', uid: job.uid } };
        this.#add({ ...this.#spec(naming.number, job.digest), lineage });
        return;
      }
      this.write(naming.numbers);
    }
    this.waiting.push(job);
  }

  import(number: number, digest: string): void {
    if (this.versions.some((each) => each.number === number)) return;
    const spec = this.#spec(number, digest);
    const observed = {
      modelVersion: { metadata: { namespace: 'ml' }, spec },
      numbers: this.numbers,
    } as ModelVersionObserved;
    const refused = otherModel(observed);
    const kept = numberToKeep(observed, false);
    if (kept) this.write(kept);
    if (refused) this.versions.push(spec);
    else this.#add(spec);
  }

  #observe({ uid }: Job) {
    const job = trainingJob();
    const versions = this.versions.map((spec) => ({
      metadata: { name: `digits-${spec.number}`, uid: `v${spec.number}`, creationTimestamp: startTime },
      spec,
    }));
    return observe({
      trainingJob: { ...job, metadata: { ...job.metadata, uid } },
      versions,
      numbers: this.numbers,
    });
  }

  #spec = (number: number, digest: string): ModelVersionSpec => ({
    modelName: 'digits',
    number,
    bundle: { uri: uriOf(digest), digest, format: 'TFJSLayers' },
    lineage: {},
  });

  #add(spec: ModelVersionSpec): void {
    const { number, bundle } = spec;
    expect(this.versions.map((each) => each.number)).not.toContain(number);
    expect([undefined, bundle.digest]).toContain(this.served.get(number));
    this.served.set(number, bundle.digest);
    this.versions.push(spec);
  }
}

type Event = (world: World) => void;
const bytes = fc.integer({ min: 1, max: 3 }).map(digestOf);
const uids = fc.uuid();
const events: fc.Arbitrary<Event> = fc.oneof(
  fc.tuple(uids, bytes, fc.integer({ min: 0, max: 3 })).map(
    ([uid, digest, life]): Event =>
      (world) =>
        world.publish({ uid, digest }, life),
  ),
  fc.constant<Event>((world) => {
    const job = world.waiting.pop();
    if (job) world.publish(job);
  }),
  fc.tuple(fc.integer({ min: 1, max: mostGiven / 2 }), bytes).map(
    ([number, digest]): Event =>
      (world) =>
        world.import(number, digest),
  ),
  fc.nat({ max: 20 }).map(
    (at): Event =>
      (world) => {
        world.versions = world.versions.filter((_, index) => index !== at % Math.max(1, world.versions.length));
      },
  ),
);

describe('any history of jobs, imports, deletions and crashes', () => {
  test('gives no number to two models', () => {
    fc.assert(
      fc.property(fc.array(events, { minLength: 5, maxLength: mostGiven - 2, size: 'max' }), (history) => {
        const world = new World();
        for (const event of history) event(world);
      }),
      { numRuns: 300 },
    );
  });
});
