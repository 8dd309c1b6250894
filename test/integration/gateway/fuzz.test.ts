// A sample of `npm run fuzz`: other conversations each day, and the seed with which to hear them again.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { conversation } from '../../fuzz/conversation.ts';
import { fuzz } from '../../fuzz/fuzz.ts';
import { type Place, startPlace } from '../../fuzz/place/place.ts';

let place: Place;
beforeAll(async () => {
  place = await startPlace();
}, 120_000);
afterAll(() => place.stop());

test('the same seed and number make the same conversation, another number another one', () => {
  const said = (number: number) => JSON.stringify(conversation(7, number));
  expect(said(3)).toBe(said(3));
  expect(new Set([1, 2, 3, 4, 5].map(said)).size).toBe(5);
});

test('malformed requests for some seconds: both processes stand, no 5xx, nothing counted, nobody else notices', async () => {
  const seed = Math.floor(Date.now() / 86_400_000);
  const report = await fuzz(place, { seed, first: 0, milliseconds: 8_000 });
  expect({ seed, findings: report.findings }).toEqual({ seed, findings: [] });
  expect(report.conversations).toBeGreaterThan(20);
  expect(report.good.sent).toBeGreaterThan(20);
}, 60_000);
