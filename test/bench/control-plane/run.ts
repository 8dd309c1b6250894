// Plays the scenes one after the other on a fresh place, with progress.
import { Progress } from '../../cluster/progress.ts';
import { requestCosts } from './costs.ts';
import type { Measured } from './figures.ts';
import { kwokProgram } from './kwok.ts';
import { kwokNodes, openPlace, type Place } from './place.ts';
import { idle, plainCrowd, singles, startFull, storeFinished, trainingCrowd } from './scenes.ts';

export type Sizes = {
  /** Jobs at once. */
  readonly jobs: number;
  /** TrainingJobs that are stored when the operator starts anew. */
  readonly stored: number;
  /** TrainingJobs one after the other. */
  readonly singles: number;
};

export type RunOptions = Sizes & {
  /** Where the operator's processor profiles go, one for each start; none when absent. */
  readonly profiles?: string | undefined;
};

/** Jobs that warm up everybody's caches and compilers before any figure is taken. */
const warmUp = 30;

/** Measures everything; what was started is stopped, whatever happens. */
export async function measure(options: RunOptions, progress = new Progress()): Promise<Measured> {
  const kwok = await kwokProgram(progress);
  const place = await progress.stage('start the control plane', () => openPlace(progress, kwokNodes(kwok)));
  try {
    return await play(place, options, progress);
  } finally {
    await place.stop();
  }
}

async function play(place: Place, options: RunOptions, progress: Progress): Promise<Measured> {
  const { jobs, stored, singles: singly, profiles } = options;
  const flags = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`];
  const stage = <T>(name: string, work: (report: (detail: string) => void) => Promise<T>) => progress.stage(name, work);
  const plain = (prefix: string) => (report: (detail: string) => void) => plainCrowd(place, prefix, jobs, report);
  const operator = await place.program.start(flags);
  try {
    const idling = await stage('operator, idle', () => idle(operator));
    await stage('warm up', async (report) => {
      await plainCrowd(place, 'warm', warmUp, report);
      await trainingCrowd(place, operator, { prefix: 'warm', count: warmUp, report });
    });
    const singleMs = await stage('one after the other', (report) => singles(place, singly, report));
    const before = await stage(`${jobs} plain Jobs`, plain('plain'));
    const training = await stage(`${jobs} TrainingJobs`, (report) =>
      trainingCrowd(place, operator, { prefix: 'train', count: jobs, report }),
    );
    const after = await stage(`${jobs} plain Jobs again`, plain('again'));
    await operator.stop();
    const costs = await stage('one request after the other', () => requestCosts(place, Math.min(jobs, 300)));
    await stage(`store ${stored} finished TrainingJobs`, (report) => storeFinished(place, stored, report));
    const start = await stage('start the operator on them', () => startFull(place, stored, flags));
    return { jobs, stored, singleMs, idle: idling, plain: [before, after], training, costs, start };
  } finally {
    await operator.stop();
  }
}
