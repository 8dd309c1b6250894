// The shape of the accept and reject tables, and the one way they are run.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AnyKind } from '@sluice/crds/kinds.ts';
import { ApiError, isInvalid } from '@sluice/operator/kube/errors.ts';
import type { Resource, Stored } from '@sluice/operator/kube/objects.ts';
import { type Cluster, connect } from '../kube/cluster.ts';
import { installCrds, resourceOf } from './installed-crds.ts';
import { type Changes, changed, type Manifest, minimal } from './manifests.ts';

/** One rule: `says` is part of the apiserver's message and `at` the field it blames; each case is a sentence with changes. */
export type RuleCase = {
  says: string;
  at: string;
  accepts: Cases;
  rejects: Cases;
};

/** Tables of a kind. */
export type KindCases = {
  kind: AnyKind;
  /** Limits of single fields, which the operator's own parser knows too. */
  structural: RuleCase[];
  /** CEL over a whole object, and keys of lists: only the apiserver knows them. */
  rules: RuleCase[];
  /** What an update may change, each alone. */
  changeable: Cases;
  /** CEL over a change. */
  updates: RuleCase[];
};

type Cases = Readonly<Record<string, Changes>>;

/** Runs the tables of a kind in a namespace of its own. */
export function runCases({ kind, structural, rules, changeable, updates }: KindCases): void {
  const base = minimal[kind.kind];
  if (base === undefined) throw new Error(`no minimal manifest of ${kind.kind}`);
  const desk = new Desk(kind);
  beforeAll(() => desk.open());
  afterAll(() => desk.close());

  for (const { says, at, accepts, rejects } of [...structural, ...rules]) {
    describe(`${at}: ${says}`, () => {
      eachCase(accepts, 'accepts, and reads as the operator does,', async (changes) => {
        const stored = await desk.create(changed(base, changes));
        expect(kind.spec.parse(changed(base, changes).spec)).toEqual(stored.spec);
      });
      eachCase(rejects, 'refuses', async (changes) => {
        expectRefusal(await desk.create(changed(base, changes)).catch(caught), { says, at });
      });
    });
  }

  for (const { at, says, rejects } of structural) {
    describe(`${at}: ${says}`, () => {
      eachCase(rejects, 'is a limit for the operator too, which refuses', (changes) => {
        expect(kind.spec.safeParse(changed(base, changes).spec).success).toBe(false);
      });
    });
  }

  describe('an update', () => {
    eachCase(changeable, 'may change', (changes) => expectUpdate(desk, base, changes));
  });

  for (const { says, at, accepts, rejects } of updates) {
    describe(`an update, ${at}: ${says}`, () => {
      eachCase(accepts, 'accepts', async (changes) => {
        await expectUpdate(desk, base, changes);
      });
      eachCase(rejects, 'refuses', async (changes) => {
        const stored = await desk.create(base);
        expectRefusal(await desk.replace(changed(stored, changes)).catch(caught), { says, at });
      });
    });
  }
}

async function expectUpdate(desk: Desk, base: Manifest, changes: Changes): Promise<void> {
  const wanted = changed(await desk.create(base), changes);
  expect(await desk.replace(wanted)).toMatchObject({ spec: wanted.spec });
}

function eachCase(cases: Cases, verb: string, check: (changes: Changes) => void | Promise<void>): void {
  for (const [sentence, changes] of Object.entries(cases)) test(`${verb} ${sentence}`, () => check(changes));
}

const caught = (error: unknown) => error;

function expectRefusal(outcome: unknown, { says, at }: { says: string; at: string }): void {
  if (!(outcome instanceof ApiError) || !isInvalid(outcome)) {
    throw new Error('the apiserver did not refuse the object as invalid', { cause: outcome });
  }
  expect(outcome.message).toContain(says);
  expect(outcome.fields).toContain(at);
}

/** Writes objects of one kind; what the case before made is deleted, so that names are free again. */
class Desk {
  readonly #resource: Resource;
  #cluster: Cluster | undefined;
  #last: Stored | undefined;

  constructor(kind: AnyKind) {
    this.#resource = resourceOf(kind);
  }

  async open(): Promise<void> {
    this.#cluster = await connect();
    await installCrds(this.#cluster.client);
  }

  async close(): Promise<void> {
    await this.#cluster?.close();
  }

  async create(manifest: Manifest): Promise<Stored<Manifest>> {
    const { client, namespace } = this.#opened();
    if (this.#last) await client.delete(this.#resource, this.#last.metadata, { uid: this.#last.metadata.uid });
    this.#last = undefined;
    const placed = { ...manifest, metadata: { ...manifest.metadata, namespace } };
    const stored = await client.create<Manifest>(this.#resource, placed);
    this.#last = stored;
    return stored;
  }

  replace(manifest: Manifest): Promise<Stored<Manifest>> {
    return this.#opened().client.replace<Manifest>(this.#resource, manifest);
  }

  #opened(): Cluster {
    if (this.#cluster === undefined) throw new Error('the desk is not open');
    return this.#cluster;
  }
}
