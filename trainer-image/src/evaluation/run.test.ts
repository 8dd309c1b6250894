// Whole evaluations over real sockets: every count is known beforehand.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { exitCodes } from '@sluice/crds/contract.ts';
import type { TensorSignature } from '@sluice/model/manifest.ts';
import { systemClock } from './clock.ts';
import type { Ending } from './result.ts';
import { Bench, classifier, csv, digestOf, idInput, idsOf, sizes } from './testing/bench.ts';
import { labels, type OipServer } from './testing/oip-server.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.clear());

const notFifth = (id: number) => id % 5 !== 0;
const notFourth = (id: number) => id % 4 !== 0;
const clean = { failedRequests: 0, failedRows: 0, nonFinite: 0 };
const counts = ({ result }: Ending) => result?.success;
const idsSeen = ({ requests }: OipServer) => requests.flatMap(idsOf);
const everyId = Array.from({ length: 100 }, (_, id) => id);

describe('an evaluation of classifiers', () => {
  test('counts, row by row, who was right', async () => {
    const candidate = await bench.serve(classifier(notFifth));
    const live = await bench.serve(classifier(notFourth));
    const ending = await bench.evaluate({ candidate: candidate.url, live: live.url });
    expect(ending).toEqual({
      exitCode: exitCodes.complete,
      result: {
        success: {
          data: { digest: digestOf(csv), rows: 100, bytes: csv.length },
          n: 100,
          outcome: { type: 'PairedClasses', bothRight: 60, candidateOnly: 20, liveOnly: 15, bothWrong: 5 },
          candidate: clean,
          live: clean,
        },
      },
    });
  });

  test('sends every row once, and the same requests, to both sides', async () => {
    const candidate = await bench.serve(classifier(notFifth));
    const live = await bench.serve(classifier(notFourth));
    await bench.evaluate({ candidate: candidate.url, live: live.url });
    const inOrder = (a: number, b: number) => a - b;
    expect(idsSeen(candidate).sort(inOrder)).toEqual(everyId);
    expect(idsSeen(live).sort(inOrder)).toEqual(everyId);
    expect(candidate.requests.map(({ rows }) => rows).sort(inOrder)).toEqual([2, ...new Array(14).fill(7)]);
  });

  test('without a live revision counts right and wrong', async () => {
    const candidate = await bench.serve(classifier(notFifth));
    const ending = await bench.evaluate({ candidate: candidate.url });
    expect(counts(ending)).toMatchObject({ n: 100, outcome: { type: 'Classes', right: 80, wrong: 20 } });
    expect(counts(ending)).not.toHaveProperty('live');
  });

  test('counts a class that no model knows as wrong for both', async () => {
    const candidate = await bench.serve(classifier(() => true));
    const live = await bench.serve(classifier(() => true));
    const file = csv.replace('\n7,b,', '\n7,never seen,');
    const ending = await bench.evaluate({ candidate: candidate.url, live: live.url }, { file });
    expect(counts(ending)?.outcome).toMatchObject({ bothRight: 99, bothWrong: 1 });
  });

  test('takes 3 and 3.0 for the same class, and keeps zeros that tell texts apart', async () => {
    const answers = ['3', '1.0', '007', 'x'];
    const answer = () => labels(answers);
    const candidate = await bench.serve({ inputs: [idInput], answer });
    const file = 'id,label\n1,3.0\n2,1\n3,007\n4,y\n';
    const ending = await bench.evaluate({ candidate: candidate.url }, { file });
    expect(counts(ending)?.outcome).toEqual({ type: 'Classes', right: 3, wrong: 1 });
  });

  test('started again after it was stopped in the middle, counts as if nothing had happened', async () => {
    const instead = (count: number) => {
      if (count === 5) bench.stopping.abort();
      return undefined;
    };
    const candidate = await bench.serve(classifier(notFifth, { instead }));
    expect(await bench.evaluate({ candidate: candidate.url })).toEqual({
      exitCode: exitCodes.drained,
      result: undefined,
    });
    bench.stopping = new AbortController();
    const ending = await bench.evaluate({ candidate: candidate.url });
    expect(counts(ending)?.outcome).toEqual({ type: 'Classes', right: 80, wrong: 20 });
  });
});

describe('an evaluation of regressors', () => {
  const dataset = { target: 'size' };

  test('sums the errors, their squares, and the differences between the sides', async () => {
    const candidate = await bench.serve(sizes((id) => (id < 50 ? 1 : -3)));
    const live = await bench.serve(sizes(() => 2));
    const ending = await bench.evaluate({ candidate: candidate.url, live: live.url }, { dataset });
    expect(counts(ending)).toMatchObject({
      n: 100,
      outcome: {
        type: 'PairedValues',
        candidate: { absolute: { sum: 200, sumOfSquares: 500 }, squared: { sum: 500, sumOfSquares: 4100 } },
        live: { absolute: { sum: 200, sumOfSquares: 400 }, squared: { sum: 400, sumOfSquares: 1600 } },
        difference: { absolute: { sum: 0, sumOfSquares: 100 }, squared: { sum: 100, sumOfSquares: 1700 } },
      },
    });
  });
});

test('a model with more inputs than a thousand is evaluated as any other', async () => {
  const names = Array.from({ length: 2000 }, (_, place) => `x${place}`);
  const inputs = names.map((name): TensorSignature => ({ name, datatype: 'FP64', shape: [-1] }));
  const candidate = await bench.serve({ inputs, answer: ({ rows }) => labels(new Array<string>(rows).fill('a')) });
  const file = [`${names},label`, ...['a', 'b', 'a'].map((label) => `${names.map(() => 1)},${label}`)].join('\n');
  const ending = await bench.evaluate({ candidate: candidate.url }, { file, dataset: { features: undefined } });
  expect(counts(ending)?.outcome).toEqual({ type: 'Classes', right: 2, wrong: 1 });
});

describe('requests that fail', () => {
  test('are counted with their rows, which are in no pair', async () => {
    const instead = (count: number) => (count === 2 ? { status: 500, body: '{"error":"NaN"}' } : undefined);
    const candidate = await bench.serve(classifier(() => true, { instead }));
    const live = await bench.serve(classifier(() => true));
    const ending = await bench.evaluate({ candidate: candidate.url, live: live.url });
    expect(counts(ending)).toMatchObject({
      n: 93,
      outcome: { bothRight: 93, bothWrong: 0 },
      candidate: { failedRequests: 1, failedRows: 7, firstFailure: 'status 500: {"error":"NaN"}' },
      live: clean,
    });
    expect(candidate.requests).toHaveLength(15);
  });

  test.each([
    ['is not JSON', '<html>', 'not that of the Open Inference Protocol'],
    ['lacks the output', '{"outputs":[]}', 'no output label'],
    ['has too few rows', '{"outputs":[{"name":"label","data":["a"]}]}', '1 elements for 7 rows'],
  ])('an answer that %s is one', async (_, body, message) => {
    const instead = (count: number) => (count === 1 ? { status: 200, body } : undefined);
    const candidate = await bench.serve(classifier(() => true, { instead }));
    const ending = await bench.evaluate({ candidate: candidate.url });
    expect(counts(ending)?.n).toBe(93);
    expect(counts(ending)?.candidate.firstFailure).toContain(message);
  });

  test.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '99999' }, 10_000],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, 500],
    [undefined, 500],
  ])('with 503 and %j are repeated after %d ms and nothing is lost', async (headers, wait) => {
    const busy = { status: 503, body: '', ...(headers && { headers }) };
    const candidate = await bench.serve(classifier(notFifth, { instead: (count) => (count === 1 ? busy : undefined) }));
    const ending = await bench.evaluate({ candidate: candidate.url });
    expect(counts(ending)).toMatchObject({ n: 100, candidate: clean, outcome: { right: 80 } });
    expect(bench.clock.waits).toContain(wait);
  });

  test('because the connection broke are repeated', async () => {
    const instead = (count: number) => (count % 3 === 0 ? 'HangUp' : undefined);
    const candidate = await bench.serve(classifier(notFifth, { instead }));
    const ending = await bench.evaluate({ candidate: candidate.url });
    expect(counts(ending)).toMatchObject({ n: 100, candidate: clean, outcome: { right: 80 } });
  });
});

describe('the rate', () => {
  test('is kept on each side, retries included', async () => {
    const busy = { status: 429, body: '', headers: { 'retry-after': '0' } };
    const instead = (count: number) => (count <= 2 ? busy : undefined);
    const candidate = await bench.serve(classifier(notFifth, { instead }));
    const live = await bench.serve(classifier(notFourth));
    await bench.evaluate({ candidate: candidate.url, live: live.url }, { requestsPerSecond: 5, batchRows: 10 });
    // The metadata, ten batches and two retries, 200 ms apart.
    expect(candidate.requests).toHaveLength(12);
    expect(bench.clock.now()).toBeGreaterThanOrEqual(12 * 200);
  });
});

describe('an evaluation fails', () => {
  const failing = async (ending: Promise<Ending>, name: keyof typeof exitCodes | 'Deadline', message: RegExp) => {
    const { exitCode, result } = await ending;
    expect(result).toEqual({ failure: { class: name, message: expect.stringMatching(message) } });
    expect(exitCode).toBe(name === 'Deadline' ? exitCodes.Internal : exitCodes[name]);
  };

  test.each<[string, string, object, RegExp]>([
    ['other bytes than the digest pins', csv, { digest: digestOf('other') }, /^dataset\.digest wants sha256:/],
    ['no target column', csv, { target: 'kind' }, /^dataset\.target names column 'kind', which the data lacks/],
    ['no column for an input', 'x,label\n1,a\n', {}, /^dataset\.features\[id\] names column 'id'/],
    ['an input that is the target', csv, { target: 'id' }, /^dataset\.features\[id\]: column 'id' is the target/],
    ['a row without a target', 'id,label\n1,a\n2,\n', {}, /'label' is empty in line 3/],
    ['text where the model takes numbers', 'id,label\n1,a\nx,b\n', {}, /features\[id\]: line 3 has 'x', not a number/],
    ['no rows', 'id,label\n', {}, /no rows; check dataset\.source/],
  ])('with class Data: %s', async (_, file, dataset, message) => {
    const candidate = await bench.serve(classifier(notFifth));
    await failing(bench.evaluate({ candidate: candidate.url }, { file, dataset }), 'Data', message);
  });

  test('with class Data when the models answer different questions', async () => {
    const candidate = await bench.serve(classifier(notFifth));
    const live = await bench.serve(sizes(() => 0));
    const ending = bench.evaluate({ candidate: candidate.url, live: live.url });
    await failing(ending, 'Data', /endpoints\.live has no output label/);
  });

  test('with class Infrastructure when a side cannot be reached, naming it', async () => {
    const candidate = await bench.serve(classifier(notFifth));
    const live = await bench.serve(classifier(notFourth));
    await live.close();
    const ending = bench.evaluate({ candidate: candidate.url, live: live.url });
    await failing(ending, 'Infrastructure', /^endpoints\.live: ECONNREFUSED in 6 tries/);
  });

  test('with class Infrastructure when a side goes down in the middle', async () => {
    const candidate = await bench.serve(classifier(notFifth));
    const live = await bench.serve(classifier(notFourth, { instead: (count) => (count > 3 ? 'HangUp' : undefined) }));
    const ending = bench.evaluate({ candidate: candidate.url, live: live.url });
    await failing(ending, 'Infrastructure', /^endpoints\.live: .* in 6 tries/);
  });

  test('with class Infrastructure when a side stays busy', async () => {
    const busy = { status: 429, body: '', headers: { 'retry-after': '1' } };
    const candidate = await bench.serve(classifier(notFifth, { instead: () => busy }));
    const ending = bench.evaluate({ candidate: candidate.url });
    await failing(ending, 'Infrastructure', /^endpoints\.candidate: status 429 in 6 tries; raise server\.replicas/);
  });

  test('with class Infrastructure when the side has no such model', async () => {
    const candidate = await bench.serve(classifier(notFifth));
    const ending = bench.evaluate({ candidate: candidate.url }, { modelName: 'other' });
    await failing(ending, 'Infrastructure', /status 404 when it was asked for model other/);
  });

  test('with class Deadline when the servers are too slow', async () => {
    const candidate = await bench.serve(classifier(notFifth, { instead: () => 'Hang' }));
    const ending = bench.evaluate({ candidate: candidate.url }, { deadlineSeconds: 1 }, systemClock);
    await failing(ending, 'Deadline', /not all rows were answered in 1 s/);
  });

  test('with class Deadline at once when the rate alone takes longer', async () => {
    const candidate = await bench.serve(classifier(notFifth));
    const changes = { requestsPerSecond: 0.1, batchRows: 1, deadlineSeconds: 60 };
    await failing(
      bench.evaluate({ candidate: candidate.url }, changes),
      'Deadline',
      /100 rows at this rate take 1000 s/,
    );
    expect(candidate.requests).toHaveLength(0);
  });
});
