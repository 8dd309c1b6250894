// The end of a process that does not know its own state: said, cleaned up, bounded, once.
import { expect, test } from '@jest/globals';
import { LastWords } from './last-words.ts';

function setUp() {
  const did: string[] = [];
  const log = {
    write: (_level: string, message: string, fields?: object) => void did.push(`${message} ${JSON.stringify(fields)}`),
    close: async () => void did.push('log closed'),
  };
  const lastWords = new LastWords({ log, exit: (code) => void did.push(`exit ${code}`) });
  return { did, lastWords };
}

const uncaught = 'the operator ends: an error that nobody caught {"error":"bug","errorName":"Error"}';

test('an error that nobody caught is logged, what can be given back is, and the process exits with 1', async () => {
  const { did, lastWords } = setUp();
  lastWords.before(async () => void did.push('given back'));
  await lastWords.end(new Error('bug'));
  expect(did).toEqual([uncaught, 'given back', 'log closed', 'exit 1']);
});

test('the clean-up begins before anything else can run', () => {
  const { did, lastWords } = setUp();
  lastWords.before(async () => void did.push('fenced'));
  void lastWords.end(new Error('bug'));
  expect(did).toEqual([uncaught, 'fenced']);
});

test('a second error is logged, and ends nothing twice', async () => {
  const { did, lastWords } = setUp();
  lastWords.before(() => lastWords.end(new Error('bug')));
  await lastWords.end(new Error('bug'));
  expect(did).toEqual([uncaught, uncaught, 'log closed', 'exit 1']);
});

test('a clean-up that fails does not keep the process', async () => {
  const { did, lastWords } = setUp();
  lastWords.before(() => Promise.reject(new TypeError('no network')));
  await lastWords.end(new Error('bug'));
  expect(did.slice(1)).toEqual([
    'the operator could not clean up {"error":"no network","errorName":"TypeError"}',
    'log closed',
    'exit 1',
  ]);
});
