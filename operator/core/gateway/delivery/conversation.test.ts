// What a gateway pod is told, in which order, and what becomes of what it refuses.
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { largestVersion } from '../routes.ts';
import { Conversation, type Heard, type Told } from './conversation.ts';
import { type Offer, type Offered, resourceVersion, type XdsType, xdsTypes } from './offer.ts';
import { nothingRefused, refusalsIn } from './refusals.ts';

/** By deployment: in which version it changed, its revisions, and the content of its listener and its routes. */
type Entries = Readonly<Record<string, { in: number; revisions: readonly string[]; port?: string; share?: string }>>;

function offerOf(version: number, entries: Entries): Offer<string> {
  const all = Object.entries(entries);
  const map = (make: (name: string, entry: Entries[string]) => Offered<string>[]) =>
    new Map(all.flatMap(([name, entry]) => make(name, entry)).map((each) => [each.name, each]));
  const one = (deployment: string, name: string, [changed, content]: [number, string]): Offered<string> => ({
    ...{ name, deployment, version: resourceVersion(changed, content) },
    ...(content === 'unfit' ? { unfit: 'no such field' } : { body: content }),
  });
  return {
    version,
    clusters: map((name, each) => each.revisions.map((r) => one(name, `${name}-${r}`, [each.in, r]))),
    listeners: map((name, each) => [one(name, name, [each.in, each.port ?? 'port'])]),
    routes: map((name, each) => [one(name, name, [each.in, each.share ?? each.revisions.join()])]),
  };
}

/** An Envoy that keeps what it takes, and asks for the routes of each listener. */
class Envoy {
  readonly has: Record<XdsType, Map<string, string>> = { clusters: new Map(), listeners: new Map(), routes: new Map() };
  readonly versions: Record<string, number> = {};
  identifier = '';
  readonly log: string[] = [];
  /** Routes whose clusters it did not have when it took them; the content of theirs is a list of revisions. */
  readonly astray: string[] = [];
  /** Bodies that it refuses. */
  readonly refuses = new Set<string>();
  #conversation = new Conversation<string>();
  #inbox: Told<string>[] = [];

  /** A new stream, to an operator that offers this. */
  connect(offer: Offer<string>): this {
    this.#conversation = new Conversation();
    this.#inbox = this.#conversation.offer(offer);
    for (const type of xdsTypes) {
      const subscribe = type === 'routes' ? [...this.has.listeners.keys()] : [];
      if (type === 'routes' && subscribe.length === 0) continue;
      this.#say({ type, subscribe, has: Object.fromEntries(this.has[type]) });
    }
    return this.answerAll();
  }

  offer(offer: Offer<string>): this {
    this.#inbox.push(...this.#conversation.offer(offer));
    return this;
  }

  retry(): this {
    this.#inbox.push(...this.#conversation.retry());
    return this.answerAll();
  }

  answerAll(): this {
    while (this.answer()) if (this.log.length > 10_000) throw new Error('it never ends');
    return this;
  }

  /** Reads one message. @returns whether there was one. */
  answer(): boolean {
    const told = this.#inbox.shift();
    if (!told) return false;
    const { type, resources, removed, version, nonce, refusals } = told;
    const names = [...resources.map(({ name }) => name), ...removed.map((name) => `-${name}`)];
    this.log.push(`${type} ${names.join() || `= ${version}`}`);
    if (refusals !== undefined) this.identifier = refusals;
    const bad = resources.filter(({ body }) => this.refuses.has(body));
    const error = bad.length > 0 ? bad.map(({ body }) => `bad ${body}`).join('; ') : undefined;
    if (error === undefined) this.#take(told);
    this.#say({ type, nonce, error });
    if (type === 'listeners' && error === undefined && resources.length > 0)
      this.#say({ type: 'routes', subscribe: resources.map(({ name }) => name) });
    return true;
  }

  #take({ type, resources, removed, version }: Told<string>): void {
    for (const each of resources) {
      this.has[type].set(each.name, each.version);
      if (type !== 'routes') continue;
      this.versions[`routes ${each.name}`] = version;
      const lacks = each.body.split(',').some((r) => r !== 'bad' && !this.has.clusters.has(`${each.name}-${r}`));
      if (lacks) this.astray.push(each.name);
    }
    for (const name of removed) this.has[type].delete(name);
    if (type !== 'routes') this.versions[type] = version;
  }

  #say(heard: Partial<Heard> & { type: XdsType }): void {
    this.#inbox.push(
      ...this.#conversation.hear({ subscribe: [], unsubscribe: [], has: {}, nonce: '', error: undefined, ...heard }),
    );
  }

  news(): string[] {
    return this.log.splice(0);
  }
}

const two = { a: { in: 1, revisions: ['1'] }, b: { in: 1, revisions: ['1'] } };
const connected = (version = 1, entries: Entries = two) => new Envoy().connect(offerOf(version, entries));

describe('a gateway pod', () => {
  test('gets clusters first, then listeners and their routes, and hears the version of each', () => {
    const envoy = connected();
    expect(envoy.news()).toEqual([
      ...['clusters a-1,b-1', 'listeners a,b', 'clusters = 1'],
      ...['clusters = 1', 'listeners = 1', 'routes a,b'],
    ]);
    expect(envoy.versions).toEqual({ clusters: 1, listeners: 1, 'routes a': 1, 'routes b': 1 });
  });

  test('gets of a new weight the one route, and no cluster or listener', () => {
    const envoy = connected();
    envoy.news();
    envoy.offer(offerOf(2, { ...two, a: { in: 2, revisions: ['1'], share: '50' } })).answerAll();
    expect(envoy.news()).toEqual(['routes a', 'clusters = 2', 'listeners = 2']);
    expect(envoy.versions).toEqual({ clusters: 2, listeners: 2, 'routes a': 2, 'routes b': 1 });
  });

  test('gets the routes of an entry that changed otherwise, so that it says that it knows the entry', () => {
    const envoy = connected();
    envoy.news();
    const after = { ...two, a: { in: 2, revisions: ['1', '2'], share: '1' } };
    envoy.offer(offerOf(2, after)).answerAll();
    expect(envoy.news().filter((each) => !each.includes('='))).toEqual(['clusters a-2', 'routes a']);
    expect(
      envoy
        .connect(offerOf(2, after))
        .news()
        .filter((each) => !each.includes('=')),
    ).toEqual([]);
  });

  test('loses what is gone after it has the routes that do without', () => {
    const envoy = connected(1, { ...two, a: { in: 1, revisions: ['1', '2'], share: '1,2' } });
    envoy.news();
    envoy.offer(offerOf(2, { a: { in: 2, revisions: ['2', '3'] } })).answerAll();
    const order = ['clusters a-3', 'routes a', 'listeners -b', 'clusters -a-1,-b-1'];
    expect(envoy.news().filter((each) => !each.includes('='))).toEqual(order);
  });

  test('that is slow gets the newest state after its answer, not everything between', () => {
    const envoy = connected();
    envoy.news();
    for (const version of [2, 3, 4, 5])
      envoy.offer(offerOf(version, { ...two, a: { in: version, revisions: ['1'], share: `${version}` } }));
    envoy.answerAll();
    expect(envoy.news().filter((each) => each.startsWith('routes'))).toEqual(['routes a', 'routes a']);
    expect(envoy.versions['routes a']).toBe(5);
  });

  test('that comes back with all it was given gets nothing but the version', () => {
    const envoy = connected();
    envoy.news();
    envoy.connect(offerOf(1, two));
    expect(envoy.news()).toEqual(['clusters = 1', 'clusters = 1', 'listeners = 1']);
  });

  test('never gets an older table than it has, and gets one whose numbers began again', () => {
    const newer = connected(7, { a: { in: 7, revisions: ['1'] } });
    newer.news();
    newer.connect(offerOf(6, two));
    expect(newer.news()).toEqual([]);
    newer.offer(offerOf(8, two)).answerAll();
    expect(newer.has.clusters.has('b-1')).toBe(true);
    const largest = connected(largestVersion, { a: { in: largestVersion, revisions: ['1'] } });
    expect(largest.connect(offerOf(1, two)).versions['listeners']).toBe(1);
  });
});

describe('what a gateway pod refuses', () => {
  const bad = { ...two, b: { in: 2, revisions: ['1'], port: 'bad' } };
  const refusing = (entries: Entries = bad) => {
    const envoy = new Envoy();
    envoy.refuses.add('bad');
    return envoy.connect(offerOf(2, entries));
  };

  test('holds back nothing else, and is said by name and in its words', () => {
    const envoy = refusing();
    expect([...envoy.has.listeners.keys()]).toEqual(['a']);
    expect(envoy.versions).toMatchObject({ clusters: 2, listeners: 2, 'routes a': 2 });
    const words = [{ type: 'listeners', name: 'b', deployment: 'b', message: 'bad bad' }];
    expect(refusalsIn(envoy.identifier)).toEqual({ deployments: ['b'], words });
  });

  test('is not offered again with another change, and is forgotten when it is good, or gone', () => {
    for (const mended of [{ ...two, b: { in: 3, revisions: ['1'] } }, { a: two.a }]) {
      const envoy = refusing();
      envoy.news();
      envoy.offer(offerOf(3, { ...bad, a: { in: 3, revisions: ['1'], share: 'x' } })).answerAll();
      expect(envoy.news()).toEqual(['routes a', 'clusters = 3', 'listeners = 3']);
      envoy.offer(offerOf(4, mended)).answerAll();
      expect(envoy.identifier).toBe(nothingRefused);
    }
  });

  test('is told together with the version in which it is refused, never after it', () => {
    const envoy = refusing();
    envoy.refuses.add('worse');
    envoy.offer(offerOf(3, { ...bad, a: { in: 3, revisions: ['1'], port: 'worse' } }));
    do {
      const isTold = refusalsIn(envoy.identifier).deployments.includes('a');
      expect(isTold || envoy.versions['listeners'] !== 3).toBe(true);
    } while (envoy.answer());
    expect(refusalsIn(envoy.identifier).deployments).toEqual(['a', 'b']);
  });

  test('stands while another operator finds it out again', () => {
    const envoy = refusing();
    const said = envoy.identifier;
    envoy.connect(offerOf(2, bad));
    expect(envoy.identifier).toBe(said);
  });

  test('is taken when it is offered again and its cause is gone', () => {
    const envoy = refusing();
    envoy.retry();
    expect(refusalsIn(envoy.identifier).deployments).toEqual(['b']);
    envoy.refuses.clear();
    envoy.retry();
    expect([envoy.identifier, envoy.has.listeners.size]).toEqual([nothingRefused, 2]);
  });

  test('may be what is no resource of Envoy at all: it is never sent, and what it had of that name stays', () => {
    const envoy = connected();
    envoy.offer(offerOf(2, { ...two, b: { in: 2, revisions: ['1'], port: 'unfit' } })).answerAll();
    expect(envoy.has.listeners.get('b')).toBe('1.port');
    expect(refusalsIn(envoy.identifier).words).toMatchObject([{ name: 'b', message: 'no such field' }]);
  });
});

describe('whatever changes, and however slow and unwilling it is,', () => {
  const entry = fc.record({
    revisions: fc.subarray(['1', '2', '3', 'bad'], { minLength: 1 }),
    port: fc.constantFrom('p', 'q', 'bad', 'unfit'),
  });
  const table = fc.dictionary(fc.constantFrom('a', 'b', 'c'), entry);
  const steps = fc.array(fc.record({ table, answers: fc.nat({ max: 6 }), isNewStream: fc.boolean() }), {
    minLength: 1,
  });
  const content = (version: string | undefined) => version?.split('.')[1];

  test('a gateway pod never has routes before their clusters, and in the end all that it takes and nothing else', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const envoy = new Envoy();
        envoy.refuses.add('bad');
        envoy.connect(offerOf(1, {}));
        for (const [index, { table: entries, answers, isNewStream }] of all.entries()) {
          const changed = Object.entries(entries).map(([name, each]) => [name, { ...each, in: index + 2 }]);
          const offer = offerOf(index + 2, Object.fromEntries(changed));
          if (isNewStream) envoy.connect(offer);
          else envoy.offer(offer);
          for (let count = 0; count < answers; count += 1) envoy.answer();
          if (index < all.length - 1) continue;
          envoy.answerAll();
          for (const type of ['clusters', 'listeners'] as const) {
            for (const each of offer[type].values()) {
              if ('body' in each && each.body !== 'bad')
                expect(content(envoy.has[type].get(each.name))).toBe(each.body);
            }
            for (const name of envoy.has[type].keys()) expect(offer[type].has(name)).toBe(true);
            expect(envoy.versions[type]).toBe(offer.version);
          }
        }
        expect(envoy.astray).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
