// When an epoch is the best, and when to stop.
import { expect, test } from '@jest/globals';
import { type EarlyStopping, judgeEpoch, noEpochYet } from './early-stopping.ts';

const rule = (metric: EarlyStopping['metric'], minDelta = 0): EarlyStopping => ({ metric, patience: 2, minDelta });

/** Judges epochs whose watched metric has these values; gives best epoch and the epoch of the stop. */
function judge(stopping: EarlyStopping | undefined, values: readonly number[]) {
  let state = noEpochYet;
  for (const [place, value] of values.entries()) {
    const metrics = { loss: 0, quality: 0, validation: { loss: value, quality: value } };
    const step = judgeEpoch(stopping, state, { epoch: place + 1, metrics });
    state = step.state;
    if (step.stop) return { bestEpoch: state.bestEpoch, stoppedAt: place + 1 };
  }
  return { bestEpoch: state.bestEpoch, stoppedAt: undefined };
}

test.each<[string, EarlyStopping | undefined, number[], ReturnType<typeof judge>]>([
  ['a loss that falls goes on', rule('val_loss'), [3, 2, 1], { bestEpoch: 3, stoppedAt: undefined }],
  ['a loss that rises twice stops', rule('val_loss'), [3, 2, 4, 5], { bestEpoch: 2, stoppedAt: 4 }],
  ['an equal loss is no improvement', rule('val_loss'), [3, 3, 3], { bestEpoch: 1, stoppedAt: 3 }],
  [
    'waiting starts again after an improvement',
    rule('val_mae'),
    [3, 4, 2, 4, 1],
    { bestEpoch: 5, stoppedAt: undefined },
  ],
  ['an accuracy that falls twice stops', rule('val_accuracy'), [0.5, 0.8, 0.7, 0.6], { bestEpoch: 2, stoppedAt: 4 }],
  ['less than minDelta is no improvement', rule('val_loss', 0.5), [3, 2.9, 2.8], { bestEpoch: 1, stoppedAt: 3 }],
  ['without a rule the last epoch is kept', undefined, [1, 2, 3, 4], { bestEpoch: 4, stoppedAt: undefined }],
])('%s', (_, stopping, values, expected) => {
  expect(judge(stopping, values)).toEqual(expected);
});
