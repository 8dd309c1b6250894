import { afterEach, describe, expect, test } from '@jest/globals';
import { commands, Gate, type Script, scriptedSignature, scriptedWorker } from '../testing/scripted-worker.ts';
import { waitUntil } from '../testing/wait-until.ts';
import { type PoolOptions, WorkerPool } from './pool.ts';
import { restartDelay } from './seat.ts';

const opened: WorkerPool[] = [];
afterEach(() => Promise.all(opened.splice(0).map((pool) => pool.close())));

/** `script` is asked for each worker, with the number of those spawned before. */
function openPool(script: (spawned: number) => Script, options: Partial<PoolOptions> = {}) {
  const lost: string[] = [];
  let spawned = 0;
  const pool = new WorkerPool({
    size: 1,
    queueSize: 2,
    timeoutMilliseconds: 5_000,
    spawn: () => scriptedWorker(script(spawned++)),
    onLost: (reason) => lost.push(reason),
    ...options,
  });
  opened.push(pool);
  return { pool, lost };
}

const task = (rows: number) => ({ rows, inputs: new Map([['x', new Float64Array(rows)]]) });

async function answerTo(submission: ReturnType<WorkerPool['submit']>): Promise<number | undefined> {
  const { answer } = await submission.result;
  if (answer.type === 'Failed') throw new Error(answer.failure.message);
  return Number(answer.prediction.outputs[0]?.data[0]);
}

describe('starting', () => {
  test('gives the signature when every worker has loaded the model', async () => {
    const { pool } = openPool(() => ({}), { size: 2 });
    await expect(pool.start()).resolves.toEqual(scriptedSignature);
    expect(pool.readyWorkers).toBe(2);
  });

  test('fails with the rejection of the worker that refused the bundle', async () => {
    const rejection = { reason: 'BundleCorrupt', message: 'weights.bin has other bytes' } as const;
    const { pool } = openPool(() => ({ rejection }));
    await expect(pool.start()).rejects.toMatchObject({ rejection });
  });

  test('fails when a worker dies while it loads', async () => {
    const { pool } = openPool(() => ({ diesAtStart: true }));
    await expect(pool.start()).rejects.toThrow('a worker died while it loaded the model: exit code 7');
  });
});

describe('the queue', () => {
  test('keeps the order of arrival and refuses what is beyond its bound', async () => {
    const gate = new Gate(false);
    const { pool } = openPool(() => ({ gate }));
    await pool.start();
    const order: number[] = [];
    const accepted = [1, 2, 3].map(async (rows) => order.push((await answerTo(pool.submit(task(rows)))) ?? 0));
    expect([pool.running, pool.queued, pool.isFull]).toEqual([1, 2, true]);
    await expect(pool.submit(task(4)).result).rejects.toMatchObject({ failure: 'QueueFull' });
    gate.open();
    await Promise.all(accepted);
    expect(order).toEqual([1, 2, 3]);
    expect(pool.isFull).toBe(false);
  });

  test('drops a waiting task whose client has left, and goes on with the next', async () => {
    const gate = new Gate(false);
    const { pool } = openPool(() => ({ gate }));
    await pool.start();
    const first = pool.submit(task(1));
    const left = pool.submit(task(2));
    const next = pool.submit(task(3));
    left.cancel();
    first.cancel();
    await expect(left.result).rejects.toMatchObject({ failure: 'Cancelled' });
    gate.open();
    await expect(Promise.all([answerTo(first), answerTo(next)])).resolves.toEqual([1, 3]);
  });

  test('feeds every worker', async () => {
    const gate = new Gate(false);
    const { pool } = openPool(() => ({ gate }), { size: 3 });
    await pool.start();
    const submissions = [1, 2, 3, 4].map((rows) => pool.submit(task(rows)));
    expect([pool.running, pool.queued]).toEqual([3, 1]);
    gate.open();
    expect(await Promise.all(submissions.map(answerTo))).toEqual([1, 2, 3, 4]);
  });

  test('says how long a task waited', async () => {
    const gate = new Gate(false);
    const { pool } = openPool(() => ({ gate }));
    await pool.start();
    const results = [pool.submit(task(1)).result, pool.submit(task(2)).result];
    gate.open();
    const [first, second] = await Promise.all(results);
    expect(second?.waitMilliseconds).toBeGreaterThan(first?.waitMilliseconds ?? Number.POSITIVE_INFINITY);
  });
});

describe('a task that takes too long', () => {
  test('is given up with its worker, which is replaced', async () => {
    const { pool, lost } = openPool(() => ({}), { timeoutMilliseconds: 500 });
    await pool.start();
    await expect(pool.submit(task(commands.hang)).result).rejects.toMatchObject({ failure: 'TimedOut' });
    await waitUntil('the worker is replaced', () => lost.length === 1 && pool.readyWorkers === 1);
    await expect(answerTo(pool.submit(task(5)))).resolves.toBe(5);
  });

  test('is given up while it waits, at the cost of no worker', async () => {
    const gate = new Gate(false);
    const { pool } = openPool(() => ({ gate }), { timeoutMilliseconds: 100 });
    await pool.start();
    const running = pool.submit(task(1)).result;
    const waiting = pool.submit(task(2)).result;
    await expect(
      Promise.all([waiting, running].map((result) => result.catch((error: unknown) => error))),
    ).resolves.toEqual([
      expect.objectContaining({ failure: 'TimedOut' }),
      expect.objectContaining({ failure: 'TimedOut' }),
    ]);
    expect(pool.queued).toBe(0);
  });
});

describe('a worker that dies', () => {
  test('costs the task it had; the waiting ones get the next worker', async () => {
    const { pool, lost } = openPool(() => ({}));
    await pool.start();
    const fatal = pool.submit(task(commands.crash)).result;
    const waiting = pool.submit(task(2));
    await expect(fatal).rejects.toMatchObject({ failure: 'WorkerLost' });
    await expect(answerTo(waiting)).resolves.toBe(2);
    expect(lost).toEqual(['scripted crash']);
  });

  test('again and again makes the pool dead, and a worker that lasts makes it alive', async () => {
    const { pool, lost } = openPool((spawned) => ({ diesAtStart: spawned >= 1 && spawned <= 3 }));
    await pool.start();
    await expect(pool.submit(task(commands.crash)).result).rejects.toMatchObject({ failure: 'WorkerLost' });
    expect([pool.readyWorkers, pool.isDead]).toEqual([0, false]);
    await waitUntil('the pool is dead', () => pool.isDead);
    expect(lost.length).toBeGreaterThanOrEqual(3);
    await waitUntil('a worker lasts', () => pool.readyWorkers === 1);
    expect(pool.isDead).toBe(false);
  });

  test.each([
    [1, 100],
    [2, 200],
    [5, 1600],
    [50, 10_000],
  ])('is replaced, after %i losses in a row, within %i ms', (losses, delay) => {
    expect(restartDelay(losses)).toBe(delay);
  });
});

test('a closed pool fails what it still has and takes nothing more', async () => {
  const { pool } = openPool(() => ({ gate: new Gate(false) }));
  await pool.start();
  const results = [pool.submit(task(1)).result, pool.submit(task(2)).result];
  const failures = Promise.all(results.map((result) => result.catch((error: unknown) => error)));
  await pool.close();
  const closed = expect.objectContaining({ failure: 'Closed' });
  await expect(failures).resolves.toEqual([closed, closed]);
  await expect(pool.submit(task(3)).result).rejects.toMatchObject({ failure: 'Closed' });
});
