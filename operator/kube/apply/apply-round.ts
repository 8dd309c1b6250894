// One round of making children: each is tried by itself, and what was done and what is in the way is noted.
import type { KubeClient } from '../client.ts';
import { FencedError, isAlreadyExists, isConflict, isRefusal, isTimeout, isTransient } from '../errors.ts';
import { type Instruments, noInstruments } from '../instruments.ts';
import { controllerOf, type KubeObject, type Resource, type Stored } from '../objects.ts';
import { belongsTo, type Desired, isAnother, isSettled, type Live, manifestFor } from './apply-plan.ts';
import type { Change, OwnWrites } from './own-writes.ts';
import { RefusedChildren, type Unmade } from './refused-children.ts';
import { writeShared } from './shared.ts';
import { confirmUnchanged, conflict } from './unchanged.ts';
import type { WriteResults } from './write-results.ts';

/** A round of applying: `live` comes from `liveChildren`. */
export interface ApplyRequest {
  /** As the decision saw it. */
  readonly owner: Stored;
  readonly ownerResource: Resource;
  /** The whole owned set: what is live and not in it is deleted. */
  readonly desired: readonly Desired[];
  readonly live: readonly Live[];
  readonly signal?: AbortSignal | undefined;
  readonly instruments?: Instruments | undefined;
  /** Told of each write, so that caches come to show it. */
  readonly ownWrites?: (Pick<OwnWrites, 'note'> & Partial<Pick<OwnWrites, 'results'>>) | undefined;
  /** What was refused in earlier rounds; without it every child is tried. */
  readonly refused?: RefusedChildren<Obstacle> | undefined;
}

/** A name that is taken by an object that is not the owner's child; nothing was written over it. */
export interface ForeignObject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
  /** It goes by itself: it is being deleted, or belonged to a predecessor of the owner that is gone. */
  readonly isGoing: boolean;
}

/** Why a child is not as it should be: its name is taken, or an error. */
export type Obstacle = { readonly foreign: ForeignObject } | { readonly error: Error };

/** A child that was refused. */
export type RefusedChild = Unmade<Error>;

/** What a round did. */
export interface ApplyReport {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly unchanged: number;
  readonly foreign: readonly ForeignObject[];
  /** Children that the apiserver did not take, each with its words. */
  readonly refused: readonly RefusedChild[];
  /** Desired children that are not as they should be, whatever the reason. */
  readonly unmade: readonly Desired[];
  /** What ended the round before every child was tried: it says nothing of a child, and may pass at once. */
  readonly failure: Error | undefined;
}

/** The writes of a round, one by one. */
export class ApplyRound {
  readonly #client: KubeClient;
  readonly #request: ApplyRequest;
  readonly #writes = { create: 0, update: 0, delete: 0 };
  readonly #foreign: ForeignObject[] = [];
  readonly #refused: RefusedChild[] = [];
  readonly #unmade: Desired[] = [];
  readonly #memory: RefusedChildren<Obstacle>;
  #timeouts = 0;
  #failure: Error | undefined;
  #isConfirmed = false;
  unchanged = 0;

  constructor(client: KubeClient, request: ApplyRequest) {
    this.#client = client;
    this.#request = request;
    this.#memory = request.refused ?? new RefusedChildren();
  }

  /** Makes a child, or notes what is in its way. Nothing is tried any more once the apiserver itself is in trouble. */
  async attempt(desired: Desired, make: () => Promise<ForeignObject | undefined>): Promise<void> {
    const { uid } = this.#request.owner.metadata;
    const obstacle = this.#failure
      ? undefined
      : (this.#memory.early(uid, desired.object) ?? (await this.#try(desired, make)));
    if (obstacle === undefined && !this.#failure) return;
    this.#unmade.push(desired);
    const { resource, object } = desired;
    if (obstacle && 'foreign' in obstacle) this.#foreign.push(obstacle.foreign);
    else if (obstacle) this.#refused.push({ kind: resource.kind, name: object.metadata.name, cause: obstacle.error });
  }

  async #try(desired: Desired, make: () => Promise<ForeignObject | undefined>): Promise<Obstacle | undefined> {
    const foreign = await make().catch((error: unknown) => this.#explain(error));
    const obstacle = foreign instanceof Error ? { error: foreign } : foreign && { foreign };
    if (!obstacle) return undefined;
    const passesSoon = 'foreign' in obstacle && obstacle.foreign.isGoing;
    this.#memory.note(this.#request.owner.metadata.uid, desired.object, { cause: obstacle, passesSoon });
    return obstacle;
  }

  /** @returns the error when it is about the child. @throws it when what was decided does not hold any more. */
  #explain(error: unknown): Error | undefined {
    if (isRefusal(error)) return error as Error;
    if (isTimeout(error) && this.#timeouts === 0) {
      this.#timeouts += 1;
      return error as Error;
    }
    if (isConflict(error) || error instanceof FencedError || !isTransient(error)) throw error;
    this.#failure = error as Error;
    return undefined;
  }

  /** Every child was tried. */
  end(): void {
    const { owner } = this.#request;
    if (!this.#failure)
      this.#memory.keepOnly(
        owner.metadata.uid,
        this.#unmade.map(({ object }) => object),
      );
  }

  /**
   * The cache does not have it, but may be behind, and a name may be taken. What never changes is created outright, which
   * the apiserver refuses when the name is taken; for what does, it is asked first. That the cache is right does not mean
   * that the owner still wants it.
   * @throws ApiError 409 when somebody else has made another object of the name of a kept one since the caches were read.
   */
  async create(desired: Desired): Promise<ForeignObject | undefined> {
    const { owner, signal } = this.#request;
    const { metadata } = desired.object;
    if (desired.immutable && (await this.#createOutright(desired))) return undefined;
    const found = await this.#client.find(desired.resource, metadata, { signal });
    if (found === undefined) {
      await this.#confirmOwner();
      const made = await this.#client.apply(desired.resource, manifestFor(owner, desired), { signal });
      this.#note('create', desired.resource, { after: made });
      this.#results?.note(manifestFor(owner, desired), made);
    } else if (!belongsTo(owner, desired, found)) {
      const { name, namespace } = metadata;
      return { kind: desired.resource.kind, name, namespace, isGoing: isGoing(owner, found) };
    } else if (isAnother(owner, desired, found)) {
      throw conflict(`${desired.resource.kind} ${metadata.name} has been made by somebody else`);
    } else if (isSettled(owner, desired, found) || this.isOwnResult(desired, found)) this.unchanged += 1;
    else await this.update(desired, found);
    return undefined;
  }

  get #results(): WriteResults | undefined {
    return this.#request.ownWrites?.results;
  }

  /** Whether the object differs from what is wanted because admission changed our last write of it. */
  isOwnResult(desired: Desired, live: Stored): boolean {
    return this.#results?.isResult(manifestFor(this.#request.owner, desired), live) ?? false;
  }

  /** @returns false when there is an object of that name. */
  async #createOutright(desired: Desired): Promise<boolean> {
    const { owner, signal } = this.#request;
    await this.#confirmOwner();
    try {
      const made = await this.#client.create(desired.resource, manifestFor(owner, desired), { signal });
      this.#note('create', desired.resource, { after: made });
      return true;
    } catch (error) {
      if (isAlreadyExists(error)) return false;
      throw error;
    }
  }

  async update(desired: Desired, live: Stored): Promise<undefined> {
    const { owner, signal } = this.#request;
    await this.#confirmOwner();
    const manifest = manifestFor(owner, desired);
    const { uid, resourceVersion } = live.metadata;
    const fenced: KubeObject = { ...manifest, metadata: { ...manifest.metadata, uid, resourceVersion } };
    const after = await this.#client.apply(desired.resource, fenced, { signal });
    this.#note('update', desired.resource, { before: live, after });
    this.#results?.note(manifest, after);
  }

  /** @throws ApiError 409 when somebody else has written it since it was read. */
  async writeShared(desired: Desired): Promise<ForeignObject | undefined> {
    const { live, signal } = this.#request;
    await this.#confirmOwner();
    const written = await writeShared(this.#client, desired, signal);
    if (written === undefined) {
      const { name, namespace } = desired.object.metadata;
      return { kind: desired.resource.kind, name, namespace, isGoing: false };
    }
    const { uid } = written.metadata;
    const before = live.find(({ object }) => object.metadata.uid === uid)?.object;
    this.#note(before ? 'update' : 'create', desired.resource, { ...(before && { before }), after: written });
    return undefined;
  }

  /** One that may not be deleted keeps no other one. @throws the error of the first that could not be deleted. */
  async deleteAll(superfluous: readonly Live[]): Promise<void> {
    const errors: unknown[] = [];
    for (const live of superfluous) {
      await this.delete(live).catch((error: unknown) => {
        if (!isRefusal(error)) throw error;
        errors.push(error);
      });
    }
    if (errors.length > 0) throw errors[0];
  }

  async delete({ resource, object }: Live): Promise<void> {
    const { signal } = this.#request;
    await this.#confirmOwner();
    const { uid, resourceVersion } = object.metadata;
    await this.#client.delete(resource, object.metadata, { uid, resourceVersion, signal });
    this.#note('delete', resource, { before: object });
    this.#results?.forget(object);
  }

  /** The owner is known to be as it was seen. */
  confirm(): void {
    this.#isConfirmed = true;
  }

  /** Once a round. Children that are as they were seen may still be decided on by an owner of long ago. */
  async #confirmOwner(): Promise<void> {
    if (this.#isConfirmed) return;
    const { owner, ownerResource, signal } = this.#request;
    await confirmUnchanged(this.#client, { resource: ownerResource, seen: owner, signal });
    this.confirm();
  }

  report(): Omit<ApplyReport, 'unchanged'> {
    const { create, update, delete: deleted } = this.#writes;
    const made = { created: create, updated: update, deleted };
    const notMade = { foreign: this.#foreign, refused: this.#refused, unmade: this.#unmade, failure: this.#failure };
    return { ...made, ...notMade };
  }

  #note(operation: 'create' | 'update' | 'delete', resource: Resource, change: Change): void {
    const { instruments = noInstruments, ownWrites } = this.#request;
    this.#writes[operation] += 1;
    instruments.count('apply_writes_total', { kind: resource.kind, operation });
    ownWrites?.note(resource, change);
  }
}

const groupOf = (apiVersion: string) => apiVersion.split('/')[0];

/** Whether what has the name of a child goes by itself: the garbage collector removes what a predecessor owned. */
function isGoing(owner: Stored, found: Stored): boolean {
  if (found.metadata.deletionTimestamp !== undefined) return true;
  const its = controllerOf(found);
  if (its?.kind !== owner.kind || groupOf(its.apiVersion) !== groupOf(owner.apiVersion)) return false;
  return its.name === owner.metadata.name && its.uid !== owner.metadata.uid;
}
