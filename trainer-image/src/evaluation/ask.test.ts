// Evaluations of models that have no finite answer to some rows, over real sockets: every count is known beforehand.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nonFiniteStatus } from '@sluice/crds/contract.ts';
import type { InferRequest } from '@sluice/server/protocol/infer-request.ts';
import type { Ending } from './result.ts';
import { Bench, classifier, idsOf, sizes } from './testing/bench.ts';
import type { Raw, TinyModel } from './testing/oip-server.ts';

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.clear());

const notFifth = (id: number) => id % 5 !== 0;
const clean = { failedRequests: 0, failedRows: 0, nonFinite: 0 };
const counts = ({ result }: Ending) => result?.success;

/** Says this instead of the answer to the rows from 0 to 6. */
const firstBatch =
  (raw: Raw): NonNullable<TinyModel['instead']> =>
  (_, request) =>
    idsOf(request)[0] === 0 ? raw : undefined;

describe('a model without a finite answer to some rows', () => {
  const refused = (rows: readonly number[]) => ({
    status: nonFiniteStatus,
    body: JSON.stringify({ error: 'not finite', nonfinite_rows: rows }),
  });
  /** Refuses every request with an odd id below 20, and names their places. */
  const breaks: TinyModel['instead'] = (_, request) => {
    const places = idsOf(request).flatMap((id, place) => (id < 20 && id % 2 === 1 ? [place] : []));
    return places.length === 0 ? undefined : refused(places);
  };

  test('is wrong on these rows, and is asked about the others again', async () => {
    const candidate = await bench.serve(classifier(() => true, { instead: breaks }));
    const live = await bench.serve(classifier(notFifth));
    const ending = await bench.evaluate({ candidate: candidate.url, live: live.url });
    expect(counts(ending)).toMatchObject({
      n: 100,
      // Of the ten odd ids below 20, 5 and 15 are wrong for the live model, too.
      outcome: { bothRight: 72, candidateOnly: 18, liveOnly: 8, bothWrong: 2 },
      candidate: { ...clean, nonFinite: 10 },
      live: clean,
    });
    // The first three batches of seven, and what was left of each.
    expect(candidate.requests).toHaveLength(15 + 3);
  });

  test('writes null for them: they are wrong as well', async () => {
    const body = JSON.stringify({ outputs: [{ name: 'label', data: [null, null, 'c', 'a', 'b', 'c', 'a'] }] });
    const instead = firstBatch({ status: 200, body });
    const candidate = await bench.serve(classifier(() => true, { instead }));
    const ending = await bench.evaluate({ candidate: candidate.url });
    expect(counts(ending)).toMatchObject({
      n: 100,
      outcome: { right: 98, wrong: 2 },
      candidate: { ...clean, nonFinite: 2 },
    });
  });

  test('has no error in these rows: they are in no sum', async () => {
    const candidate = await bench.serve({ ...sizes(() => 1), instead: breaks });
    const live = await bench.serve(sizes(() => 2));
    const dataset = { target: 'size' };
    const ending = await bench.evaluate({ candidate: candidate.url, live: live.url }, { dataset });
    expect(counts(ending)).toMatchObject({
      n: 90,
      outcome: { candidate: { absolute: { sum: 90 } }, live: { absolute: { sum: 180 } } },
      candidate: { ...clean, nonFinite: 10 },
    });
  });

  test('has none for any row: nothing is asked again', async () => {
    const everyPlace = (_: number, request: InferRequest) => refused(idsOf(request).map((_id, place) => place));
    const candidate = await bench.serve(classifier(() => true, { instead: everyPlace }));
    const ending = await bench.evaluate({ candidate: candidate.url });
    expect(counts(ending)).toMatchObject({ n: 100, outcome: { right: 0, wrong: 100 }, candidate: { nonFinite: 100 } });
    expect(candidate.requests).toHaveLength(15);
  });

  test.each([[[]], [[7]], [['x']]])(
    'whose server names rows that cannot be, %j, has failed to answer',
    async (rows) => {
      const instead = firstBatch(refused(rows as number[]));
      const candidate = await bench.serve(classifier(() => true, { instead }));
      const { candidate: side, n } = counts(await bench.evaluate({ candidate: candidate.url })) ?? {};
      expect([n, side?.failedRows, side?.nonFinite]).toEqual([93, 7, 0]);
      expect(side?.firstFailure).toContain(`status ${nonFiniteStatus}: {"error":"not finite"`);
    },
  );

  test('writes what is no number: in a regression those rows are in no sum', async () => {
    const body = (data: string) => ({ status: 200, body: `{"outputs":[{"name":"value","data":[${data}]}]}` });
    const instead = firstBatch(body('NaN, -Infinity, null, 1e80, 2, 2.5, 3'));
    const candidate = await bench.serve({ ...sizes(() => 0), instead });
    const live = await bench.serve(sizes(() => 1));
    const ending = await bench.evaluate({ candidate: candidate.url, live: live.url }, { dataset: { target: 'size' } });
    expect(counts(ending)).toMatchObject({
      n: 96,
      outcome: { candidate: { absolute: { sum: 0 } }, live: { absolute: { sum: 96 } } },
      candidate: { ...clean, nonFinite: 4 },
      live: clean,
    });
  });
});
