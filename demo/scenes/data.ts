// Scene: real handwritten digits into a claim; some are held back to judge models by, and some lose their labels.
import { type Digit, digitsCsv, holdOut, readDigits, shuffleLabels } from '../digits/dataset.ts';
import { writeClaimFile } from '../steps/dataset.ts';
import { type Stage, showApply } from './stage.ts';

/** Enough to prove that a new model is not much worse than the live one. */
const holdoutPerClass = 100;
/** Of these: enough for a good model to be wrong about some of them. */
const askedPerClass = 20;
/** Every fourth digit: more would not teach more, with labels that mean nothing. */
const shuffledShare = 4;

/** Resolves to some of the digits that no model gets to see. */
export async function provideData(stage: Stage): Promise<Digit[]> {
  const { screen, place } = stage;
  const { training, heldOut } = holdOut(await readDigits(), holdoutPerClass);
  await showApply(stage, 'examples/digits/storage.yaml');
  const text = digitsCsv(training);
  const size = (text.length / 1e6).toFixed(0);
  screen.live(`writing ${training.length} digits (${size} MB) ...`);
  await writeClaimFile(place, { claimName: 'datasets', path: 'digits.csv', text });
  screen.say(`  ${training.length} handwritten digits of MNIST (${size} MB) are in claim datasets as digits.csv;`);
  screen.say(
    `  ${heldOut.length} more are in holdout.csv: no model is trained on them, and every new one is judged by them.`,
  );
  await writeClaimFile(place, { claimName: 'datasets', path: 'holdout.csv', text: digitsCsv(heldOut) });
  const shuffled = shuffleLabels(training.filter((_, index) => index % shuffledShare === 0));
  await writeClaimFile(place, { claimName: 'datasets', path: 'shuffled.csv', text: digitsCsv(shuffled) });
  screen.say(`  ${shuffled.length} are in shuffled.csv with the labels of others: who learns from it learns nothing.`);
  return holdOut(heldOut, askedPerClass).heldOut;
}
