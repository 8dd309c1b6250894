// Work of one name is done by one at a time, also when the one before died in the middle of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { exclusively } from './exclusively.ts';

test('work of the same name never overlaps', async () => {
  let running = 0;
  let most = 0;
  const work = () =>
    exclusively(`overlap ${process.pid}`, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
  await Promise.all([work(), work(), work(), work()]);
  expect(most).toBe(1);
});

test('work that fails lets the next one in', async () => {
  const name = `failure ${process.pid}`;
  await expect(exclusively(name, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await exclusively(name, () => Promise.resolve('done'))).toBe('done');
});

test('a process that is killed lets the next one in', async () => {
  const name = `killed ${process.pid}`;
  const module = join(import.meta.dirname, 'exclusively.ts');
  const script = `const { exclusively } = await import(${JSON.stringify(module)});
    await exclusively(${JSON.stringify(name)}, () => { console.log('held'); return new Promise(() => {}); });`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(holder.stdout, 'data');
  const next = exclusively(name, () => Promise.resolve(holder.killed));
  // As long as it would take to come in too early.
  await exclusively(`another ${name}`, () => Promise.resolve());
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(await next).toBe(true);
});
