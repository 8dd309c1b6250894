// Checks that Events are valid, few, and never a reason to fail.
import { describe, expect, test } from '@jest/globals';
import { KubeClient } from '../client.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { MemoryTransport } from '../testing/memory-transport.ts';
import { stored } from '../testing/stored.ts';
import { type EventObject, type Happening, newEvent } from './event-object.ts';
import { EventRecorder } from './events.ts';

const object = stored({ name: 'digits', namespace: 'ml' });
const started: Happening = { type: 'Normal', reason: 'Started', action: 'Start', note: 'Attempt 1 started.' };

function setUp() {
  const transport = new MemoryTransport();
  const clock = new FakeClock();
  const dropped: string[] = [];
  const client = new KubeClient(transport, { fieldManager: 'test' });
  const onDropped = (cause: string): number => dropped.push(cause);
  const recorder = new EventRecorder({ client, component: 'test.dev/operator', instance: 'pod-1', clock, onDropped });
  return { transport, clock, dropped, recorder };
}

describe('newEvent', () => {
  const by = { component: 'test.dev/operator', instance: 'pod-1', at: new Date(Date.UTC(2026, 10, 21, 10, 0, 0, 73)) };

  test('H10: its time is a MicroTime, its namespace that of the object', () => {
    const event = newEvent(object, started, by);
    expect(event.eventTime).toBe('2026-11-21T10:00:00.073000Z');
    expect(event.metadata.namespace).toBe('ml');
    expect(event.regarding).toMatchObject({ name: 'digits', uid: 'uid-of-digits' });
  });

  test('a cluster-scoped object has its events in the default namespace', () => {
    expect(newEvent(stored({ name: 'n', namespace: undefined }), started, by).metadata.namespace).toBe('default');
  });

  test('a long note is cut at 1,024 bytes without breaking a character', () => {
    const { note } = newEvent(object, { ...started, note: 'ü€𝄞'.repeat(300) }, by);
    expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
    expect(note).toMatch(/^[ü€𝄞]+…$/u);
  });
});

describe('EventRecorder', () => {
  test('an event that repeats is one object with a series, written at most once a minute', async () => {
    const { transport, clock, recorder } = setUp();
    for (let second = 0; second < 90; second += 1) {
      recorder.record(object, started);
      await clock.advance(1_000);
    }
    await recorder.flush();
    expect(transport.objects.size).toBe(1);
    expect(transport.writes()).toHaveLength(3);
    const [event] = transport.objects.values();
    expect((event as unknown as EventObject).series?.count).toBe(90);
  });

  test('after six quiet minutes it is a new event', async () => {
    const { transport, clock, recorder } = setUp();
    recorder.record(object, started);
    await clock.advance(360_000);
    recorder.record(object, started);
    await recorder.flush();
    expect(transport.objects.size).toBe(2);
  });

  test('a flood of different events about one object is cut and counted', async () => {
    const { transport, dropped, recorder } = setUp();
    for (let at = 0; at < 40; at += 1) recorder.record(object, { ...started, note: `note ${at}` });
    await recorder.flush();
    expect(transport.objects.size).toBe(25);
    expect(dropped).toHaveLength(15);
  });

  test('events go out one after the other, and what is too much is dropped', async () => {
    const { transport, dropped, recorder } = setUp();
    for (let at = 0; at < 5_000; at += 1) recorder.record(stored({ name: `job-${at}`, uid: `uid-${at}` }), started);
    expect(transport.requests.length).toBeLessThan(2);
    await recorder.flush();
    expect(transport.objects.size).toBe(4_096);
    expect(new Set(dropped)).toEqual(new Set(['backlog']));
  });

  test('an end does not wait for an apiserver that does not answer', async () => {
    const { transport, clock, recorder } = setUp();
    transport.request = () => new Promise(() => {});
    recorder.record(object, started);
    const flushed = recorder.flush();
    await clock.advance(1_000);
    await expect(flushed).resolves.toBeUndefined();
  });

  test('H7: an apiserver that refuses is counted, not thrown', async () => {
    const { transport, dropped, recorder } = setUp();
    transport.isDown = true;
    recorder.record(object, started);
    await expect(recorder.flush()).resolves.toBeUndefined();
    expect(dropped).toEqual(['refused']);
  });
});
