// How an evaluation ends, and that it fits into what the kubelet keeps.
import { describe, expect, test } from '@jest/globals';
import { exitCodes, resultMaxBytes } from '@sluice/crds/contract.ts';
import { evaluationResultSchema } from '@sluice/crds/evaluation-contract.ts';
import { DataError } from '@sluice/model/data-error.ts';
import { DeadlineError, EndpointError, plain, StoppedError } from './failure.ts';
import { encodeResult, failedBy } from './result.ts';

const withCode = (code: string) => Object.assign(new Error(code), { code });

describe('after an error', () => {
  test.each<[unknown, string, number]>([
    [new DataError('spec.data.target: no'), 'Data', exitCodes.Data],
    [new EndpointError('down'), 'Infrastructure', exitCodes.Infrastructure],
    [new DeadlineError('late'), 'Deadline', exitCodes.Internal],
    [withCode('EIO'), 'Infrastructure', exitCodes.Infrastructure],
    [Object.assign(new Error('read'), { code: 'EIO' }), 'Infrastructure', exitCodes.Infrastructure],
    [new RangeError('Array buffer allocation failed'), 'OutOfMemory', exitCodes.OutOfMemory],
    [new TypeError('x is not a function'), 'Internal', exitCodes.Internal],
    ['a string', 'Internal', exitCodes.Internal],
  ])('%s is %s', (error, name, exitCode) => {
    expect(failedBy(error)).toMatchObject({ exitCode, result: { failure: { class: name } } });
  });

  test('a field of the data room is named as a field of the dataset', () => {
    expect(failedBy(new DataError('spec.data.features[x] names')).result?.failure?.message).toBe(
      'dataset.features[x] names',
    );
  });

  test('a stop leaves no result', () => {
    expect(failedBy(new StoppedError('stop'))).toEqual({ exitCode: exitCodes.drained, result: undefined });
  });
});

test('the largest result fits', () => {
  const sums = { sum: -1.234567890123456e-300, sumOfSquares: 1.234567890123456e-300 };
  const both = { absolute: sums, squared: sums };
  const most = Number.MAX_SAFE_INTEGER;
  const side = {
    failedRequests: most,
    failedRows: most,
    nonFinite: most,
    firstFailure: plain('"\u{1F600}'.repeat(200)),
  };
  const digest = `sha256:${'a'.repeat(64)}`;
  const success = {
    data: { digest, rows: most, bytes: most },
    n: most,
    outcome: { type: 'PairedValues', candidate: both, live: both, difference: both },
    candidate: side,
    live: side,
  } as const;
  const text = encodeResult({ success });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(resultMaxBytes);
  expect(evaluationResultSchema.parse(JSON.parse(text))).toEqual({ success });
});

test('what a server says becomes one printable line', () => {
  expect(plain('a\u0000\n\tb\u202e c')).toBe('a b c');
  expect(plain('x'.repeat(500))).toHaveLength(200);
});
