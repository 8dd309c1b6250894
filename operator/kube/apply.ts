// Makes an owner's children what they should be, with as few writes as possible, touching nothing that belongs to others.
import { belongsTo, type Desired, isAnother, isSettled, type Live, manifestFor, planApply } from './apply-plan.ts';
import type { KubeClient } from './client.ts';
import { ApiError, FencedError, isAlreadyExists, isConflict, isRefusal, isTimeout, isTransient } from './errors.ts';
import { type Instruments, noInstruments } from './instruments.ts';
import { controllerOf, type KubeObject, nameKey, type Resource, type Stored } from './objects.ts';
import type { Change, OwnWrites } from './own-writes.ts';
import { RefusedChildren, type Unmade } from './refused-children.ts';
import { writeShared } from './shared.ts';
import type { Store } from './store.ts';
import { isSame } from './subset.ts';
import { asStored } from './wire-json.ts';
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

/** A cache of children. */
export interface ChildCache {
  readonly resource: Resource;
  readonly store: Pick<Store, 'ownedBy' | 'get'>;
}

/** The owner's children in these caches, and the objects that have the names of `kept` ones. */
export function liveChildren(owner: Stored, caches: readonly ChildCache[], kept: readonly Desired[] = []): Live[] {
  const owned = caches.flatMap(({ resource, store }) =>
    store.ownedBy(owner.metadata).map((object) => ({ resource, object })),
  );
  const named = kept.flatMap(({ resource, object: { metadata } }) => {
    const cache = caches.find(
      (each) => each.resource.plural === resource.plural && each.resource.group === resource.group,
    );
    const object = cache?.store.get(nameKey(metadata));
    const isOwned = owned.some((each) => each.object.metadata.uid === object?.metadata.uid);
    return object === undefined || isOwned ? [] : [{ resource, object }];
  });
  return [...owned, ...named];
}

/**
 * Creates, updates and deletes until the children are the desired ones. No write comes before the apiserver has
 * confirmed that the owner is still as it was seen, and an update and a deletion name the UID and the resource version
 * that were seen: caches that are behind, and a former leader that goes on, change and remove nothing that lives, and
 * make nothing that was given up since.
 * @throws ApiError, NetworkError of the first write that fails; what could be done is done.
 */
export async function applyChildren(client: KubeClient, request: ApplyRequest): Promise<ApplyReport> {
  const made = await makeChildren(client, request);
  const { failure, refused } = made.report();
  if (failure) throw failure;
  await made.prune(false);
  const [first] = refused;
  if (first) throw first.cause;
  return made.report();
}

/** Children that are there, before any is removed. */
export interface MadeChildren {
  /** What was done so far. */
  report(): ApplyReport;
  /**
   * Deletes what is live and not desired. Write down first what was read from it: it cannot be had back.
   * @param isConfirmed a write that named the owner's version has succeeded since: the owner is known to be as it was seen.
   */
  prune(isConfirmed: boolean): Promise<void>;
}

/**
 * Creates and updates as `applyChildren` does, what is shared first, and leaves it to the caller when to delete. A child that
 * is refused holds up no other one.
 * @throws ApiError 409 when the decision is outdated, FencedError; nothing that was decided with it holds then.
 */
export async function makeChildren(client: KubeClient, request: ApplyRequest): Promise<MadeChildren> {
  const round = new ApplyRound(client, request);
  const shared = request.desired.filter(({ isShared }) => isShared !== undefined);
  const own = request.desired.filter(({ isShared }) => isShared === undefined);
  const plan = planApply(request.owner, own, request.live);
  for (const desired of shared) await round.attempt(desired, () => round.writeShared(desired));
  for (const desired of plan.missing) await round.attempt(desired, () => round.create(desired));
  const changed = plan.changed.filter(({ desired, live }) => !round.isOwnResult(desired, live));
  for (const { desired, live } of changed) await round.attempt(desired, () => round.update(desired, live));
  round.end();
  return {
    report: () => ({
      ...round.report(),
      unchanged: plan.unchanged + plan.changed.length - changed.length + round.unchanged,
    }),
    prune: async (isConfirmed) => {
      if (isConfirmed) round.confirm();
      await round.deleteAll(plan.superfluous);
    },
  };
}

class ApplyRound {
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

/** What was decided on is no longer so: the round is made again. */
const conflict = (message: string) => new ApiError({ status: 409, reason: 'Conflict', message });

/** An object as a decision saw it. */
export interface SeenObject {
  readonly resource: Resource;
  readonly seen: Stored;
  readonly signal?: AbortSignal | undefined;
}

/** One read. @throws ApiError 409 when the object has changed since it was seen, or is gone. */
export async function confirmUnchanged(client: KubeClient, { resource, seen, signal }: SeenObject): Promise<void> {
  const { name, uid, resourceVersion } = seen.metadata;
  const current = await client.find(resource, seen.metadata, { signal });
  if (current?.metadata.uid === uid && current.metadata.resourceVersion === resourceVersion) return;
  throw conflict(`${seen.kind} ${name} has changed since it was read`);
}

/** The whole status of an object as it should be, and the object as the cache has it. */
export interface StatusRequest {
  readonly resource: Resource;
  readonly live: Stored & { readonly status?: unknown };
  readonly status: object;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes the status unless it is already that. The write names the UID and the resource version that were seen: a
 * decision made on an old view ends in 409 and is made again on a newer one.
 * @returns the object as it is then; undefined when nothing was written.
 */
export async function applyStatusIfChanged(client: KubeClient, request: StatusRequest): Promise<Stored | undefined> {
  const { resource, live, signal } = request;
  if (isSame(request.status, live.status)) return undefined;
  const status = asStored(request.status);
  if (isSame(status, live.status)) return undefined;
  const { name, namespace, uid, resourceVersion } = live.metadata;
  const metadata = { name, namespace, uid, resourceVersion };
  return client.applyStatus(resource, { apiVersion: live.apiVersion, kind: live.kind, metadata, status }, { signal });
}
