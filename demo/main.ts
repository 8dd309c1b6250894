// npm run demo: a real Kubernetes trains a real model on real data, serves it, and moves to a better one under load.
import { interrupted, undoOnInterrupt } from '../test/cluster/interruption.ts';
import { readCommandLine, refuse } from '../test/command-line.ts';
import { type Arguments, command, demoCommand, readArguments } from './arguments.ts';
import { clean } from './clean.ts';
import { provideData } from './scenes/data.ts';
import { farewell, lookBack } from './scenes/look-back.ts';
import { moveUnderLoad } from './scenes/move.ts';
import { predict, predictAgain } from './scenes/predict.ts';
import { prepare } from './scenes/prepare.ts';
import { rollOut } from './scenes/rollout.ts';
import { serve } from './scenes/serve.ts';
import { train } from './scenes/train.ts';
import { Screen } from './screen/screen.ts';
import { Timeline } from './screen/timeline.ts';
import { measureOperator } from './steps/measure.ts';

/** Plays all scenes; resolves to everything that must not happen and did. */
async function play(given: Arguments, screen: Screen): Promise<string[]> {
  const timeline = new Timeline();
  const scene = <T>(title: string, work: () => Promise<T>) => {
    screen.heading(title);
    return timeline.scene(title, work);
  };
  screen.say('Sluice: data in, a trained model out, served, and replaced by a better one with no request lost.');
  const { stage, summary } = await scene('1  A cluster with Sluice', () => prepare(given, screen));
  const operator = await measureOperator(stage.place.cluster);
  const heldOut = await scene('2  Data', () => provideData(stage));
  const file = 'examples/digits/training-job.yaml';
  const first = await scene('3  Train a model', () => train(stage, { file, job: 'digits-mlp' }));
  const url = await scene('4  Serve it', () => serve(stage, first.version));
  const before = await scene('5  Ask it', () => predict(stage, url, heldOut));
  const move = await scene('6  Train a better one and move to it under load', () => moveUnderLoad(stage, url, heldOut));
  await scene('7  Ask again', () => predictAgain(stage, url, before));
  const rollouts = await scene('8  Make new versions prove themselves', () => rollOut(stage, url, heldOut));
  await lookBack(stage, { first, move, rollouts, operator, timeline, summary });
  farewell(stage, given);
  const lost = move.load.lost + rollouts.load.lost;
  return [
    ...(lost > 0 ? [`${lost} requests were lost: this must not happen; the table above names the faults.`] : []),
    ...rollouts.trials.flatMap((trial) => trial.surprise ?? []),
  ];
}

/** Ends the process with help, or with what is wrong. */
function readGiven(): Arguments {
  readCommandLine(command);
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    return refuse(command, error instanceof Error ? error.message : String(error));
  }
}

const given = readGiven();
const screen = new Screen();
try {
  if (given.command === 'clean') await clean(given, screen);
  if (given.command === 'run') {
    const goodbye = `Stopped. What is there stays; remove it with: ${demoCommand(given, '--clean')}`;
    process.once('SIGINT', () => screen.say());
    undoOnInterrupt(() => Promise.resolve(screen.say(goodbye)));
    const faults = await play(given, screen);
    for (const fault of faults) console.error(fault);
    if (faults.length > 0) process.exitCode = 1;
  }
} catch (error) {
  if (!interrupted()) console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
