import { expect, test } from '@jest/globals';
import { mayStopListening } from './drain.ts';

test.each([
  { elapsed: 1, quiet: 1, drainSeconds: 30, may: false, because: 'routers may not have heard yet' },
  { elapsed: 3, quiet: 3, drainSeconds: 30, may: true, because: 'nothing came for a while' },
  { elapsed: 10, quiet: 0.1, drainSeconds: 30, may: false, because: 'requests still come' },
  { elapsed: 15, quiet: 0.1, drainSeconds: 30, may: true, because: 'the other half is for what is in flight' },
  { elapsed: 0.5, quiet: 0.5, drainSeconds: 1, may: true, because: 'half of a short drain is over' },
])('after $elapsed s, quiet for $quiet of $drainSeconds s: $may, because $because', ({ may, ...view }) => {
  expect(mayStopListening(view)).toBe(may);
});
