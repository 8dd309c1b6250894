// Specs are read once for each generation, and never taken for those of another object.
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Stored } from '../kube/objects.ts';
import { stored } from '../kube/testing/stored.ts';
import { fittingStatus, objectParser } from './parse-object.ts';

const schema = {
  spec: z.object({ size: z.number(), colour: z.string().default('red') }),
  status: z.object({ phase: z.number().optional(), since: z.iso.datetime().optional() }),
};

/** An object, and how often its spec was looked at. */
function object(size: unknown, metadata: { uid: string; generation: number }) {
  let looks = 0;
  const live = Object.defineProperty({ ...stored({ name: 'a', ...metadata }), status: { phase: size } }, 'spec', {
    get: () => {
      looks += 1;
      return { size };
    },
  });
  return { live, looks: () => looks };
}

describe('what is read back of a status', () => {
  const statusOf = (status: unknown) => fittingStatus({ ...stored({ name: 'a' }), status } as Stored, schema.status);

  test.each<[string, unknown, unknown]>([
    ['is what fits', { phase: 1, since: '2026-01-05T10:00:00Z' }, { phase: 1, since: '2026-01-05T10:00:00Z' }],
    ['lacks a field that does not fit', { phase: 1, since: '2026-13-45T10:00:00Z' }, { phase: 1 }],
    ['is nothing where there is none', undefined, undefined],
    ['is nothing where it is no object', 'on', undefined],
  ])('%s', (_, status, read) => expect(statusOf(status)).toEqual(read));

  test('is looked at once for each version of an object', () => {
    const live = { ...stored({ name: 'a' }), status: { phase: 1 } };
    expect(fittingStatus(live, schema.status)).toBe(live.status);
    live.status = { phase: 2 };
    expect(fittingStatus(live, schema.status)).toEqual({ phase: 1 });
  });
});

describe('reading objects', () => {
  test('fills in defaults, and reads a spec anew only when its generation changes', () => {
    const parse = objectParser(schema);
    const first = object(1, { uid: 'u', generation: 1 });
    expect(parse(first.live)).toMatchObject({ ok: true, object: { spec: { size: 1, colour: 'red' } } });
    const again = object(1, { uid: 'u', generation: 1 });
    expect(parse(again.live)).toMatchObject({ ok: true, object: { spec: { size: 1 }, status: { phase: 1 } } });
    const changed = object(2, { uid: 'u', generation: 2 });
    expect(parse(changed.live)).toMatchObject({ ok: true, object: { spec: { size: 2 } } });
    expect([first.looks(), again.looks(), changed.looks()]).toEqual([1, 0, 1]);
  });

  test('tells an object from its successor of the same name', () => {
    const parse = objectParser(schema);
    parse(object(1, { uid: 'old', generation: 1 }).live);
    expect(parse(object(2, { uid: 'new', generation: 1 }).live)).toMatchObject({ object: { spec: { size: 2 } } });
  });

  test('says each time what does not fit', () => {
    const parse = objectParser(schema);
    const wrong = () => parse(object('big', { uid: 'u', generation: 1 }).live);
    expect(wrong()).toMatchObject({ ok: false, message: expect.stringContaining('spec.size') });
    expect(wrong()).toMatchObject({ ok: false });
  });

  test('forgets what was not looked at for long', () => {
    const parse = objectParser(schema);
    const first = object(0, { uid: 'u0', generation: 1 });
    for (let index = 0; index <= 1_000; index += 1) parse(object(index, { uid: `u${index}`, generation: 1 }).live);
    parse(first.live);
    expect(first.looks()).toBe(1);
  });
});
