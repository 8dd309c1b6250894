// Scene: what the live model says about digits that it has never seen.
import type { Digit } from '../digits/dataset.ts';
import { drawDigit, type Exhibit, exhibitsInRow, hangExhibits } from '../screen/digit-picture.ts';
import { percent } from '../screen/table.ts';
import { isRight, type Prediction, type Predictions, predictDigits } from '../steps/predict.ts';
import type { Stage } from './stage.ts';

/** Asks about all of `digits` and shows one of each class. */
export async function predict({ screen, place }: Stage, url: string, digits: readonly Digit[]): Promise<Predictions> {
  screen.say(`POST ${url}   (from a pod of the namespace, through the gateway)`);
  const answered = await predictDigits(place, url, digits);
  const firsts = answered.predictions.filter(
    ({ digit }, index, all) => all.findIndex((other) => other.digit.label === digit.label) === index,
  );
  screen.say('', ...hangExhibits(firsts.map(exhibit), screen.width), '');
  screen.say(`  ${tally(answered)}`);
  return answered;
}

/** Asks again and shows the digits that `before` had wrong or was least sure of, with both answers. */
export async function predictAgain({ screen, place }: Stage, url: string, before: Predictions): Promise<void> {
  const after = await predictDigits(
    place,
    url,
    before.predictions.map(({ digit }) => digit),
  );
  const pairs = before.predictions
    .flatMap((old, index) => (after.predictions[index] ? [{ old, now: after.predictions[index] }] : []))
    .sort((a, b) => trust(a.old) - trust(b.old));
  screen.say(`  The digits that ${before.version} found hardest, and what ${after.version} makes of them now:`, '');
  const exhibits = pairs.slice(0, exhibitsInRow(screen.width)).map(({ old, now }) => ({
    picture: drawDigit(now.digit),
    captions: [`then ${judged(old)}`, `now ${judged(now)}`],
  }));
  screen.say(...hangExhibits(exhibits, screen.width), '');
  screen.say(`  ${tally(before)}; ${tally(after)}`);
}

/** Wrong answers come first, the surest of them foremost; then right ones by rising probability. */
function trust(prediction: Prediction): number {
  return isRight(prediction) ? prediction.probability : -prediction.probability;
}

function judged(prediction: Prediction): string {
  return `${prediction.answer} ${percent(prediction.probability)} ${isRight(prediction) ? '✓' : '✗'}`;
}

function exhibit(prediction: Prediction): Exhibit {
  return { picture: drawDigit(prediction.digit), captions: [judged(prediction)] };
}

function tally({ version, predictions }: Predictions): string {
  return `${version} has ${predictions.filter(isRight).length} of ${predictions.length} right`;
}
