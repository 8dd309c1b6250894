// One evaluation: asks the models what they take, reads the holdout, sends every batch of rows to both sides at the same
// time, and counts. It keeps nothing between runs, so that it can be started again at any time.
import type { EvaluationCounts, EvaluationOrder, EvaluationSide } from '@sluice/crds/evaluation-contract.ts';
import { Agent, type Dispatcher } from 'undici';
import { askAbout } from './ask.ts';
import type { Clock } from './clock.ts';
import { Endpoint, type Side } from './endpoint.ts';
import { DeadlineError, plain, StoppedError } from './failure.ts';
import { type Holdout, readHoldout } from './holdout.ts';
import { featuresFor, makeRequestWriter, type RequestWriter, rowsPerRequest } from './inputs.ts';
import { type ModelMetadata, outputNames, parseMetadata, type Task, taskOf } from './metadata.ts';
import { makePacer } from './pacer.ts';
import { completed, type Ending, failedBy } from './result.ts';
import { makeScores, type Scores, type SideAnswers } from './scores.ts';

/** What a run needs from outside. */
export type EvaluationSurroundings = {
  readonly order: EvaluationOrder;
  readonly directories: { readonly data: string };
  readonly clock: Clock;
  /** Aborted when the pod is told to stop. */
  readonly stop: AbortSignal;
  readonly log: (line: string) => void;
};

/** Batches on their way at the same time, so that the rate is kept by servers that take longer than an interval. */
const lanes = 4;
const requestTimeoutMilliseconds = 30_000;
const maxAnswerBytes = 16 * 1024 * 1024;

/** Runs the evaluation; every error becomes a classified failure. */
export async function runEvaluation(surroundings: EvaluationSurroundings): Promise<Ending> {
  const { order, stop, clock, log } = surroundings;
  const halt = new AbortController();
  const onStop = () => halt.abort(new StoppedError('The pod was told to stop.'));
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();
  void expire(order, clock, halt);
  const dispatcher = new Agent({
    connections: lanes,
    headersTimeout: requestTimeoutMilliseconds,
    bodyTimeout: requestTimeoutMilliseconds,
    maxResponseSize: maxAnswerBytes,
  });
  try {
    return completed(await new Evaluation({ ...surroundings, signal: halt.signal, dispatcher }).count());
  } catch (error) {
    const cause: unknown = halt.signal.aborted ? halt.signal.reason : error;
    log(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
    return failedBy(cause);
  } finally {
    stop.removeEventListener('abort', onStop);
    halt.abort();
    await dispatcher.destroy();
  }
}

/** Halts the run when its time is over. */
async function expire({ deadlineSeconds }: EvaluationOrder, clock: Clock, halt: AbortController): Promise<void> {
  try {
    await clock.wait(deadlineSeconds * 1000, halt.signal);
  } catch (error) {
    if (halt.signal.aborted) return;
    halt.abort(error);
  }
  halt.abort(
    new DeadlineError(
      `deadlineSeconds: not all rows were answered in ${deadlineSeconds} s; use fewer rows, or more server.replicas.`,
    ),
  );
}

type Run = EvaluationSurroundings & { readonly signal: AbortSignal; readonly dispatcher: Dispatcher };
type Opponent = { readonly endpoint: Endpoint; readonly metadata: ModelMetadata };
/** One side while it is asked; `tally` grows. */
type Contestant = { readonly endpoint: Endpoint; readonly write: RequestWriter; readonly tally: FailureTally };
type FailureTally = { failedRequests: number; failedRows: number; firstFailure?: string };
type Rows = { readonly from: number; readonly to: number };

class Evaluation {
  readonly #run: Run;

  constructor(run: Run) {
    this.#run = run;
  }

  async count(): Promise<EvaluationCounts> {
    const { order, log } = this.#run;
    const { candidate, live } = order.endpoints;
    const opponents = await Promise.all([
      this.#meet('candidate', candidate),
      ...(live === undefined ? [] : [this.#meet('live', live)]),
    ]);
    const task = opponents.reduce<Task | undefined>(
      (wanted, { metadata, endpoint }) => taskOf(metadata, endpoint.side, wanted),
      order.task,
    );
    if (task === undefined) throw new Error('There is always a candidate.');
    const holdout = await this.#readHoldout(opponents, task);
    log(`read ${holdout.record.rows} rows, ${holdout.record.digest}`);
    const widths = opponents.map(({ metadata }) => rowsPerRequest(metadata.inputs, order.batchRows));
    const batchRows = Math.min(...widths);
    refuseHaste({ ...order, batchRows }, holdout.record.rows);
    const contestants = this.#prepare(opponents, holdout, task);
    const scores = makeScores(holdout.target, live !== undefined);
    await this.#askAll(contestants, scores, { rows: holdout.record.rows, batchRows, output: outputNames[task] });
    return report(holdout, contestants, scores);
  }

  async #meet(side: Side, url: string): Promise<Opponent> {
    const { order, clock, dispatcher, signal } = this.#run;
    const pacer = makePacer(order.requestsPerSecond, clock);
    const endpoint = new Endpoint({ side, url, modelName: order.modelName, dispatcher, pacer, clock, signal });
    return { endpoint, metadata: parseMetadata(await endpoint.describe(), side) };
  }

  #readHoldout(opponents: readonly Opponent[], task: Task): Promise<Holdout> {
    const { order, directories, signal } = this.#run;
    const inputs = opponents.flatMap(({ metadata }) => metadata.inputs);
    const features = featuresFor(inputs, order.dataset);
    return readHoldout({ dataset: order.dataset, task, features, dataDirectory: directories.data, signal });
  }

  /** Sides whose models take the same inputs share what is read for them. */
  #prepare(opponents: readonly Opponent[], { table }: Holdout, task: Task): Contestant[] {
    const writers = new Map<string, RequestWriter>();
    return opponents.map(({ endpoint, metadata: { inputs } }) => {
      const key = JSON.stringify(inputs);
      const signature = { inputs, output: outputNames[task] };
      const write = writers.get(key) ?? makeRequestWriter(signature, table, this.#run.order.dataset);
      writers.set(key, write);
      return { endpoint, write, tally: { failedRequests: 0, failedRows: 0 } };
    });
  }

  /** Sends every batch to every side. The lanes take batches in file order; the first error ends them all. */
  async #askAll(
    contestants: readonly Contestant[],
    scores: Scores,
    { rows, batchRows, output }: { readonly rows: number; readonly batchRows: number; readonly output: string },
  ): Promise<void> {
    let next = 0;
    const runLane = async () => {
      while (next < rows) {
        const batch = { from: next, to: Math.min(rows, next + batchRows) };
        next = batch.to;
        const answers = await Promise.all(contestants.map((contestant) => askOne(contestant, batch, output)));
        scores.add(batch, { candidate: answers[0], live: answers[1] });
      }
    };
    await Promise.all(Array.from({ length: lanes }, runLane));
  }
}

/** Throws DeadlineError when the rate alone takes longer than the deadline: no server could be fast enough. */
function refuseHaste({ batchRows, requestsPerSecond, deadlineSeconds }: EvaluationOrder, rows: number): void {
  const seconds = Math.ceil(rows / batchRows / requestsPerSecond);
  if (seconds <= deadlineSeconds) return;
  throw new DeadlineError(
    `deadlineSeconds: ${rows} rows at this rate take ${seconds} s, more than ${deadlineSeconds}; use fewer rows.`,
  );
}

/** The side's answers to a batch; undefined when its request failed, which is counted. */
async function askOne(
  { endpoint, write, tally }: Contestant,
  { from, to }: Rows,
  output: string,
): Promise<SideAnswers> {
  const rows = Array.from({ length: to - from }, (_, place) => from + place);
  const answers = await askAbout({ endpoint, write, output }, rows);
  if (typeof answers !== 'string') return answers;
  tally.failedRequests++;
  tally.failedRows += rows.length;
  tally.firstFailure ??= plain(answers);
  return undefined;
}

function report(holdout: Holdout, contestants: readonly Contestant[], scores: Scores): EvaluationCounts {
  const [candidate, live] = contestants.map(
    ({ endpoint, tally }): EvaluationSide => ({ ...tally, nonFinite: scores.nonFinite[endpoint.side] }),
  );
  if (candidate === undefined) throw new Error('There is always a candidate.');
  const counts = { data: holdout.record, n: scores.n, outcome: scores.outcome(), candidate };
  return live === undefined ? counts : { ...counts, live };
}
