// How replicas come to one identity: the first one creates the Secret, the others wait for the kubelet.
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ApiError } from '../../kube/errors.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { FakeClock } from '../../kube/testing/fake-clock.ts';
import { until } from '../../kube/testing/until.ts';
import { type Identity, newIdentity } from './identity.ts';
import { OwnIdentity } from './own-identity.ts';

const exists = new ApiError({ status: 409, reason: 'AlreadyExists', message: 'there is one' });

let clock: FakeClock;
let directory: string;
let life: AbortController;
/** What the apiserver holds, and what it says to the next creation. */
let secrets: (KubeObject & { readonly stringData?: Record<string, string> })[];
let refusal: Error | undefined;
let troubles: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-identity-'));
  [clock, life, secrets, refusal, troubles] = [new FakeClock(), new AbortController(), [], undefined, []];
});
afterEach(async () => {
  life.abort();
  await rm(directory, { recursive: true });
});

const replica = ({ isInPod = true, isLeader = true } = {}) =>
  new OwnIdentity({
    directory: isInPod ? directory : undefined,
    namespace: 'sluice-system',
    secret: {
      create: async (secret) => {
        if (refusal) throw refusal;
        if (secrets.length > 0) throw exists;
        secrets.push(secret);
      },
      mayReplace: () => isLeader,
      replace: async (secret) => {
        if (refusal) throw refusal;
        secrets = [secret];
      },
    },
    onTrouble: (what) => troubles.push(what),
    clock,
  });

/** Time passes for who waits, in steps of a look each: between them files are read. */
async function passes(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10_000) {
    await until(() => clock.nextTimerMs() !== undefined);
    await clock.advance(10_000);
  }
}

/** As the kubelet does. */
async function mount({ certificate, key }: Identity): Promise<void> {
  await Promise.all([writeFile(join(directory, 'tls.crt'), certificate), writeFile(join(directory, 'tls.key'), key)]);
}

describe('a replica', () => {
  test('creates the Secret where there is none, and has what it created at once', async () => {
    const first = replica();
    await first.obtain(life.signal);
    expect(secrets).toMatchObject([{ metadata: { name: 'sluice-operator-identity', namespace: 'sluice-system' } }]);
    expect(secrets[0]?.stringData).toEqual({ 'tls.crt': first.current?.certificate, 'tls.key': first.current?.key });
    expect(first.certificates()).toBe(first.current?.certificate);
  });

  test('takes what is mounted, and asks the apiserver nothing', async () => {
    const identity = newIdentity(clock.wall());
    await mount(identity);
    const later = replica();
    await later.obtain(life.signal);
    expect(later.current).toEqual(identity);
    expect(secrets).toEqual([]);
  });

  test('that comes second waits until the kubelet shows what the first one made', async () => {
    const [first, second] = [replica(), replica()];
    await first.obtain(life.signal);
    const waiting = second.obtain(life.signal);
    await until(() => clock.nextTimerMs() !== undefined);
    expect(second.current).toBeUndefined();
    if (first.current) await mount(first.current);
    await clock.advance(2_000);
    await waiting;
    expect(second.current).toEqual(first.current);
    expect(troubles).toEqual([]);
  });

  test('says why it cannot create the Secret, and tries again', async () => {
    refusal = new ApiError({ status: 403, reason: 'Forbidden', message: 'no' });
    const refused = replica();
    const waiting = refused.obtain(life.signal);
    await until(() => troubles.length === 1);
    expect(troubles[0]).toContain('could not be created');
    refusal = undefined;
    await until(() => clock.nextTimerMs() !== undefined);
    await clock.advance(2_000);
    await waiting;
    expect(secrets).toHaveLength(1);
  });

  test('does not use a Secret that somebody spoilt, and says what to do', async () => {
    await mount({ ...newIdentity(clock.wall()), key: newIdentity(clock.wall()).key });
    secrets.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'sluice-operator-identity' } });
    const waiting = replica().obtain(life.signal);
    await until(() => troubles.length > 0);
    expect(troubles[0]).toContain('delete it');
    life.abort();
    await waiting;
  });

  test('outside of a pod has an identity of its own', async () => {
    const alone = replica({ isInPod: false });
    await alone.obtain(life.signal);
    expect(alone.current).toBeDefined();
    expect(secrets).toEqual([]);
  });

  test('tells gateways of another certificate, too, when the Secret was deleted and made anew', async () => {
    const running = replica();
    await running.obtain(life.signal);
    let told = 0;
    running.onChange(() => {
      told += 1;
    });
    const watching = running.untilReplaced(life.signal);
    const next = newIdentity(clock.wall());
    await mount(next);
    await passes(10_000);
    await until(() => told === 1);
    expect(running.certificates()).toBe(`${running.current?.certificate}${next.certificate}`);
    life.abort();
    await watching;
  });
});

describe('an identity that ends in less than two years', () => {
  const old = () => newIdentity(new Date(clock.wall().getTime() - 8.1 * 365 * 86_400_000));

  test('is made anew by the leader, once, is told to gateways beside the next one, and gives way an hour later', async () => {
    await mount(old());
    const running = replica();
    await running.obtain(life.signal);
    let isOver = false;
    const watching = running.untilReplaced(life.signal).then(() => {
      isOver = true;
    });
    await until(() => secrets.length === 1);
    const [made] = secrets;
    await passes(60_000);
    expect(secrets[0]).toBe(made);
    const [certificate = '', key = ''] = ['tls.crt', 'tls.key'].map((name) => made?.stringData?.[name]);
    await mount({ certificate, key });
    await passes(10_000);
    await until(() => running.certificates().endsWith(certificate));
    expect(running.certificates()).toBe(`${running.current?.certificate}${certificate}`);
    for (let minutes = 0; minutes < 59; minutes += 1) await passes(60_000);
    expect(isOver).toBe(false);
    await passes(50_000);
    await clock.advance(10_000);
    await watching;
    expect(secrets[0]).toBe(made);
  });

  test('is left to the leader by the other replicas', async () => {
    await mount(old());
    const other = replica({ isLeader: false });
    await other.obtain(life.signal);
    const watching = other.untilReplaced(life.signal);
    await passes(60_000);
    expect(secrets).toEqual([]);
    life.abort();
    await watching;
  });

  test('that cannot be made anew is said, and tried again after ten minutes', async () => {
    await mount(old());
    refusal = new ApiError({ status: 403, reason: 'Forbidden', message: 'no' });
    const running = replica();
    await running.obtain(life.signal);
    const watching = running.untilReplaced(life.signal);
    await until(() => troubles.length === 1);
    refusal = undefined;
    for (let minutes = 0; minutes < 10; minutes += 1) await passes(60_000);
    await until(() => secrets.length === 1);
    expect(troubles).toEqual([expect.stringContaining('could not be made anew')]);
    life.abort();
    await watching;
  });
});

test('an identity is a server’s certificate for ten years, valid at once for clocks that are behind', () => {
  const now = new Date('2026-01-05T10:00:00Z');
  const read = new X509Certificate(newIdentity(now).certificate);
  expect(read.subjectAltName).toBe('DNS:xds.sluice.dev');
  expect([read.validFromDate, read.validToDate]).toEqual([
    new Date('2026-01-04T10:00:00Z'),
    new Date('2036-01-03T10:00:00Z'),
  ]);
});
