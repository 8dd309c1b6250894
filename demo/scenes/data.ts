// Scene: real handwritten digits into a claim, a few of them held back.
import { type Digit, digitsCsv, holdOut, readDigits } from '../digits/dataset.ts';
import { writeClaimFile } from '../steps/dataset.ts';
import { type Stage, showApply } from './stage.ts';

/** Enough for a good model to be wrong about some of them. */
const heldOutPerClass = 20;

/** Resolves to the digits that no model gets to see. */
export async function provideData(stage: Stage): Promise<Digit[]> {
  const { screen, place } = stage;
  const { training, heldOut } = holdOut(await readDigits(), heldOutPerClass);
  await showApply(stage, 'examples/digits/storage.yaml');
  const text = digitsCsv(training);
  const size = (text.length / 1e6).toFixed(0);
  screen.live(`writing ${training.length} digits (${size} MB) ...`);
  await writeClaimFile(place, { claimName: 'datasets', path: 'digits.csv', text });
  screen.say(`  ${training.length} handwritten digits of MNIST (${size} MB) are in claim datasets as digits.csv;`);
  screen.say(`  ${heldOut.length} more stay here, to ask the models about digits that they have never seen.`);
  return heldOut;
}
