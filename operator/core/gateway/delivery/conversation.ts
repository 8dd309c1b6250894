// One gateway pod's conversation with us, in the incremental variant of Envoy's protocol (delta xDS): what it has, what it
// refused, and what it is told next. Clusters come before the listeners and routes that lead to them, and what is no longer
// wanted goes last. Nothing is sent of a type while Envoy has not answered what was sent of it before: whoever is slow gets
// the newest state afterwards, not everything between.
import {
  isAheadOf,
  isSame,
  type Offer,
  type Offered,
  type Sendable,
  tableVersionIn,
  type XdsType,
  xdsTypes,
} from './offer.ts';
import { type Refused, refusalText } from './refusals.ts';

/** What Envoy says: it asks for resources, and answers what it was sent. */
export type Heard = {
  readonly type: XdsType;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** Of a new stream: what it has from an earlier one, by name. */
  readonly has: Readonly<Record<string, string>>;
  /** Which of our messages this answers; empty for a question. */
  readonly nonce: string;
  /** Why it refuses that message, in its own words. */
  readonly error: string | undefined;
};

/** What Envoy is told. */
export type Told<Body> = {
  readonly type: XdsType;
  /** The table's version: everything of this type in it was offered and taken, or is among the refusals. */
  readonly version: number;
  readonly resources: readonly Sendable<Body>[];
  readonly removed: readonly string[];
  readonly nonce: string;
  /** What this gateway pod refuses, as it is to say itself when it is asked; undefined while that is not known. */
  readonly refusals: string | undefined;
};

type Sent<Body> = { readonly resources: readonly Sendable<Body>[]; readonly removed: readonly string[] };

/** Each listener's routes have a version of their own; these have one for all. */
const summedUp = ['clusters', 'listeners'] as const;

/** More than listeners and clusters of a full table. */
const mostNames = 32_768;

/** What is known of one type. */
class Subject<Body> {
  isAsked = false;
  /** Of routes: those that listeners ask for. */
  readonly names = new Set<string>();
  readonly known = new Map<string, string>();
  readonly refused = new Map<string, { readonly version: string; readonly refused: Refused }>();
  readonly pending = new Map<string, Sent<Body>>();
  /** What was refused together with others, or before: it is offered by itself, so that a refusal says which one is meant. */
  readonly alone = new Set<string>();
  /** The version that it was told last, and the refusals with it. */
  version = 0;
  refusals: string | undefined;
}

/** What of an offer somebody is not known to have, and what he has besides. */
type Lack<Body> = { readonly missing: readonly Sendable<Body>[]; readonly gone: readonly string[] };

/** @typeParam Body a resource as it is sent. */
export class Conversation<Body> {
  readonly #subjects: Readonly<Record<XdsType, Subject<Body>>> = {
    clusters: new Subject(),
    listeners: new Subject(),
    routes: new Subject(),
  };
  #offer: Offer<Body> | undefined;
  /** Resources of the offer that are none, as refusals. */
  #unfit: readonly Refused[] = [];
  /** Compared again only when there is another offer, or something else is known of the type: a table has thousands. */
  readonly #lacks = new Map<XdsType, Lack<Body>>();
  /** Of the newest table that anything of it came from, by what it said when the stream began. */
  #newestSeen = 0;
  #nonces = 0;

  /**
   * @returns what it is told because of that.
   * @throws RangeError for a stranger's demands.
   */
  hear(heard: Heard): Told<Body>[] {
    const subject = this.#subjects[heard.type];
    const sent = subject.pending.get(heard.nonce);
    if (isNews(subject, heard)) this.#lacks.delete(heard.type);
    if (!subject.isAsked) this.#begin(subject, heard);
    else {
      // Who asks for something again wants it again.
      for (const name of heard.subscribe) subject.known.delete(name);
    }
    for (const name of heard.subscribe) subject.names.add(name);
    if (subject.names.size > mostNames) throw new RangeError('asks for more than there can be');
    for (const name of heard.unsubscribe) {
      for (const kept of [subject.names, subject.known, subject.refused, subject.alone]) kept.delete(name);
    }
    if (sent) {
      subject.pending.delete(heard.nonce);
      if (heard.error === undefined) take(subject, sent);
      else refuse(subject, sent, heard);
    }
    return this.#next();
  }

  /** There is this table now. @returns what it is told because of that. */
  offer(offer: Offer<Body>): Told<Body>[] {
    this.#offer = offer;
    this.#unfit = unfitIn(offer);
    this.#lacks.clear();
    return this.#next();
  }

  /** What was refused is offered again: its cause may be gone. */
  retry(): Told<Body>[] {
    for (const type of xdsTypes) {
      const { refused, alone } = this.#subjects[type];
      for (const name of refused.keys()) alone.add(name);
      refused.clear();
    }
    this.#lacks.clear();
    return this.#next();
  }

  get hasRefused(): boolean {
    return xdsTypes.some((type) => this.#subjects[type].refused.size > 0);
  }

  #begin(subject: Subject<Body>, { has }: Heard): void {
    subject.isAsked = true;
    for (const [name, version] of Object.entries(has)) {
      subject.known.set(name, version);
      this.#newestSeen = Math.max(this.#newestSeen, tableVersionIn(version));
    }
  }

  #next(): Told<Body>[] {
    const offer = this.#offer;
    if (offer === undefined || isAheadOf(this.#newestSeen, offer.version)) return [];
    for (const type of xdsTypes) forgetGone(this.#subjects[type], offer[type]);
    const told = this.#offerNew('clusters', offer);
    if (this.#isOffered('clusters', offer)) {
      told.push(...this.#offerNew('listeners', offer), ...this.#offerNew('routes', offer));
    }
    if (xdsTypes.every((type) => this.#isOffered(type, offer))) told.push(...this.#removeOld(offer));
    return [...told, ...this.#sumUp(offer)];
  }

  #lackOf(type: XdsType, offer: Offer<Body>): Lack<Body> {
    const lack = this.#lacks.get(type) ?? lackOf(type, this.#subjects[type], offer[type]);
    this.#lacks.set(type, lack);
    return lack;
  }

  #isOffered(type: XdsType, offer: Offer<Body>): boolean {
    return this.#subjects[type].pending.size === 0 && this.#lackOf(type, offer).missing.length === 0;
  }

  #offerNew(type: XdsType, offer: Offer<Body>): Told<Body>[] {
    const { pending, alone } = this.#subjects[type];
    if (pending.size > 0) return [];
    const { missing } = this.#lackOf(type, offer);
    const together = missing.filter(({ name }) => !alone.has(name));
    const batches = missing.filter(({ name }) => alone.has(name)).map((each) => [each]);
    if (together.length > 0) batches.unshift(together);
    return batches.map((resources) => this.#send(type, { resources, removed: [] }));
  }

  /** Listeners first: routes that nobody asks for any more lead nowhere. */
  #removeOld(offer: Offer<Body>): Told<Body>[] {
    for (const type of ['listeners', 'clusters'] as const) {
      const { gone } = this.#lackOf(type, offer);
      if (gone.length > 0) return [this.#send(type, { resources: [], removed: gone })];
    }
    return [];
  }

  #send(type: XdsType, sent: Sent<Body>): Told<Body> {
    const subject = this.#subjects[type];
    const told = this.#told(type, sent, undefined);
    subject.pending.set(told.nonce, sent);
    return told;
  }

  /**
   * Of clusters and listeners an empty message says the version, once everything of it was answered; that of both is said
   * with what is refused. Before it has asked for both, what it refused on an earlier stream is not known here, and stands.
   */
  #sumUp(offer: Offer<Body>): Told<Body>[] {
    const settled = summedUp.filter((type) => this.#subjects[type].isAsked && this.#isSettled(type, offer));
    const refusals = settled.length === summedUp.length ? refusalText(this.#refused()) : undefined;
    return settled.flatMap((type) => {
      const subject = this.#subjects[type];
      const isNews = subject.version !== offer.version || (refusals !== undefined && subject.refusals !== refusals);
      if (!isNews) return [];
      subject.version = offer.version;
      if (refusals !== undefined) subject.refusals = refusals;
      return [this.#told(type, { resources: [], removed: [] }, refusals)];
    });
  }

  #isSettled(type: XdsType, offer: Offer<Body>): boolean {
    return this.#lackOf(type, offer).gone.length === 0 && this.#isOffered(type, offer);
  }

  /** By Envoy, or by its schema before it was sent. */
  #refused(): Refused[] {
    const byEnvoy = xdsTypes.flatMap((type) => [...this.#subjects[type].refused.values()]);
    return [...byEnvoy.map(({ refused }) => refused), ...this.#unfit];
  }

  #told(type: XdsType, { resources, removed }: Sent<Body>, refusals: string | undefined): Told<Body> {
    this.#nonces += 1;
    const version = type === 'routes' ? (this.#offer?.version ?? 0) : this.#subjects[type].version;
    return { type, version, resources, removed, nonce: String(this.#nonces), refusals };
  }
}

/** Whether anything may be lacking afterwards that was not before, or the other way round. */
const isNews = <Body>({ isAsked, pending }: Subject<Body>, { subscribe, unsubscribe, nonce }: Heard): boolean =>
  !isAsked || subscribe.length > 0 || unsubscribe.length > 0 || pending.has(nonce);

/** Missing is what is not known to it, and was not refused as it is. */
function lackOf<Body>(
  type: XdsType,
  { isAsked, names, known, refused }: Subject<Body>,
  offered: ReadonlyMap<string, Offered<Body>>,
): Lack<Body> {
  if (!isAsked) return { missing: [], gone: [] };
  const wanted = type === 'routes' ? [...names].flatMap((name) => offered.get(name) ?? []) : [...offered.values()];
  const missing = wanted.filter(
    (each): each is Sendable<Body> =>
      'body' in each &&
      !isSame(type, known.get(each.name), each.version) &&
      !isSame(type, refused.get(each.name)?.version, each.version),
  );
  return { missing, gone: [...known.keys()].filter((name) => !offered.has(name)) };
}

const unfitIn = <Body>(offer: Offer<Body>): Refused[] =>
  xdsTypes.flatMap((type) =>
    [...offer[type].values()].flatMap((each) =>
      'unfit' in each ? { type, name: each.name, deployment: each.deployment, message: each.unfit } : [],
    ),
  );

function take<Body>({ known, refused, alone }: Subject<Body>, { resources, removed }: Sent<Body>): void {
  for (const { name, version } of resources) {
    known.set(name, version);
    refused.delete(name);
    alone.delete(name);
  }
  for (const name of removed) known.delete(name);
}

/** One of several may be to blame, or all: each is offered by itself then. */
function refuse<Body>(subject: Subject<Body>, { resources, removed }: Sent<Body>, { type, error = '' }: Heard): void {
  for (const name of removed) subject.known.delete(name);
  const [only] = resources;
  if (resources.length === 1 && only) {
    const { name, deployment, version } = only;
    subject.alone.delete(name);
    subject.refused.set(name, { version, refused: { type, name, deployment, message: error } });
    return;
  }
  for (const { name } of resources) subject.alone.add(name);
}

/** What is not offered any more is refused no longer. */
function forgetGone<Body>({ refused, alone }: Subject<Body>, offered: ReadonlyMap<string, Offered<Body>>): void {
  for (const kept of [refused, alone]) for (const name of [...kept.keys()]) if (!offered.has(name)) kept.delete(name);
}
