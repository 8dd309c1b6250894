// What clients are given when a revision fails on a request, through a real Envoy: by whom, said in headers; and that nothing
// of it changes what is evidence for and against revisions.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as ask } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { waitUntil } from '@sluice/server/testing/wait-until.ts';
import { type Deed, type FallbackWorld, type Revision, startFallbackWorld } from './fallback-world.ts';

const staticAnswer = '{"model_name":"digits","outputs":[]}';
const live = { revision: 'aaaa', requestBytes: 65_536 };
const inferPath = '/v2/models/digits/infer';
const rollout = { aaaa: 0, bbbb: 100 };

let world: FallbackWorld;
beforeAll(async () => {
  world = await startFallbackWorld({
    both: { fallback: { afterMilliseconds: 500, live, staticAnswer }, percents: rollout },
    live: { fallback: { afterMilliseconds: 500, live }, percents: rollout },
    static: { fallback: { staticAnswer }, percents: rollout },
    large: {
      fallback: { afterMilliseconds: 1000, live: { ...live, requestBytes: 1_048_576 }, staticAnswer },
      percents: rollout,
    },
    settled: { fallback: { afterMilliseconds: 500, live, staticAnswer }, percents: { aaaa: 100 } },
    nobody: { fallback: { live, staticAnswer }, percents: {} },
  });
}, 60_000);
afterAll(() => world.close());

type Asked = {
  readonly deployment?: string;
  readonly path?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly method?: string;
} & Partial<Record<Revision, Deed>>;

async function answerTo({
  deployment = 'both',
  path = inferPath,
  body = '{"id":"1"}',
  method = 'POST',
  ...deeds
}: Asked) {
  const own = Object.entries(deeds).map(([revision, deed]) => [`x-${revision}`, deed] as const);
  const response = await fetch(`${world.url(deployment)}${path}`, {
    ...{ method, headers: { 'content-type': 'application/json', ...Object.fromEntries(own) } },
    ...(method === 'POST' && { body }),
  });
  const { status, headers } = response;
  const said = (name: string) => headers.get(name);
  const [by, revision, version] = ['sluice-fallback', 'sluice-revision', 'sluice-version'].map(said);
  return { status, by, revision, version, failed: said('sluice-failed-revision'), body: await response.text(), said };
}

/** What of both revisions is evidence, and what else was answered, of one deployment when nothing is under way at it. */
async function countedOf(deployment = 'both') {
  const active = `^http.mdep_${deployment}.downstream_rq_active$`;
  await waitUntil('every request is counted', async () => (await world.stats(active)).endsWith('active: 0\n'));
  const { backends, fallback } = (await world.counters()) ?? {};
  const { requests = 0, errors = 0 } = backends?.[`${deployment}-bbbb`] ?? {};
  const own = backends?.[`${deployment}-aaaa`];
  return {
    candidate: { requests, errors },
    live: { requests: own?.requests ?? 0, errors: own?.errors ?? 0 },
    ...(fallback?.[deployment] ?? { liveVersion: 0, staticAnswer: 0 }),
  };
}

/** By how much each number has grown since then. */
async function grownBy(before: Awaited<ReturnType<typeof countedOf>>, deployment = 'both') {
  const after = await countedOf(deployment);
  const minus = (a: { requests: number; errors: number }, b: { requests: number; errors: number }) => [
    a.requests - b.requests,
    a.errors - b.errors,
  ];
  return {
    candidate: minus(after.candidate, before.candidate),
    live: minus(after.live, before.live),
    liveVersion: after.liveVersion - before.liveVersion,
    staticAnswer: after.staticAnswer - before.staticAnswer,
  };
}

const failures = ['fails', 'answers NaN', 'is stopping', 'breaks off', 'hangs'] as const;

describe('a candidate that', () => {
  test.each(failures)('%s is answered for by the live version, and the failure is its own', async (bbbb) => {
    const before = await countedOf();
    const { body, said, ...answer } = await answerTo({ bbbb });
    expect(answer).toEqual({ status: 200, by: 'LiveVersion', revision: 'aaaa', version: 'digits-1', failed: 'bbbb' });
    expect([body, said('x-of'), said('content-type')]).toEqual(['{"id":"1"}', 'model', 'application/json']);
    expect([said('retry-after'), said('content-encoding'), said('x-envoy-upstream-canary')]).toEqual([
      null,
      null,
      null,
    ]);
    expect(await grownBy(before)).toEqual({ candidate: [1, 1], live: [0, 0], liveVersion: 1, staticAnswer: 0 });
  });

  test.each<[Deed, number]>([
    ['answers', 200],
    ['fails and breaks off', 502],
    ['is too busy', 429],
    ['says 400', 400],
    ['says 404', 404],
  ])('%s is not answered for: the client is told %d', async (bbbb, status) => {
    const before = await countedOf();
    const answer = await answerTo({ bbbb });
    expect([answer.status, answer.by, answer.revision, answer.failed]).toEqual([status, null, 'bbbb', null]);
    expect(await grownBy(before)).toMatchObject({ live: [0, 0], liveVersion: 0, staticAnswer: 0 });
  });

  test.each(['fails', 'breaks off', 'hangs', 'is too busy', 'says 404'] as const)(
    'fails while the live version %s is answered for by nobody: the answer is the static one',
    async (aaaa) => {
      const before = await countedOf();
      const { status, by, revision, version, failed, body, said } = await answerTo({ bbbb: 'fails', aaaa });
      expect([status, by, revision, version, failed]).toEqual([200, 'StaticAnswer', null, null, 'bbbb']);
      expect([body, said('content-type')]).toEqual([staticAnswer, 'application/json']);
      expect(await grownBy(before)).toEqual({ candidate: [1, 1], live: [0, 0], liveVersion: 0, staticAnswer: 1 });
    },
  );

  test('fails on what the live version calls a client’s fault: the client is told', async () => {
    const { status, by, revision } = await answerTo({ bbbb: 'fails', aaaa: 'says 400' });
    expect([status, by, revision]).toEqual([400, 'LiveVersion', 'aaaa']);
  });

  test('fails, where only the live version answers and does not: the client is told what failed first', async () => {
    const { status, by, revision, body, said } = await answerTo({ deployment: 'live', bbbb: 'fails', aaaa: 'hangs' });
    expect([status, by, revision, body]).toEqual([500, null, 'bbbb', '{"error":"failed"}']);
    expect(said('retry-after')).toBe('7');
  });

  test('fails, where there is only a static answer', async () => {
    const { by, body } = await answerTo({ deployment: 'static', bbbb: 'fails' });
    expect([by, body]).toEqual(['StaticAnswer', staticAnswer]);
  });
});

describe('the live version', () => {
  test.each(failures)('that %s is answered for by the static answer, without being asked again', async (aaaa) => {
    const before = await countedOf('settled');
    const { status, by, failed, body } = await answerTo({ deployment: 'settled', aaaa });
    expect([status, by, failed, body]).toEqual([200, 'StaticAnswer', 'aaaa', staticAnswer]);
    expect(await grownBy(before, 'settled')).toMatchObject({ live: [1, 1], liveVersion: 0, staticAnswer: 1 });
  });

  test('is asked what the candidate was asked, byte for byte', async () => {
    const body = new Uint8Array(randomBytes(60_000));
    const response = await fetch(`${world.url('both')}${inferPath}?x=1`, {
      ...{ method: 'POST', body },
      headers: { 'x-bbbb': 'fails', 'content-type': 'application/octet-stream', 'x-trace': 'ä'.normalize('NFC') },
    });
    expect(response.headers.get('sluice-fallback')).toBe('LiveVersion');
    expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), body)).toBe(0);
    const asked = JSON.parse(response.headers.get('x-asked') ?? '{}');
    expect(asked).toMatchObject({ 'content-type': 'application/octet-stream', 'content-length': '60000' });
  });

  test('is asked what came in chunks, up to the size that is kept', async () => {
    const chunked = async (bytes: number) => {
      const request = ask(`${world.url('both')}${inferPath}`, { method: 'POST', headers: { 'x-bbbb': 'fails' } });
      for (let left = bytes; left > 0; left -= 10_000) request.write('x'.repeat(Math.min(left, 10_000)));
      request.end();
      const [response] = await once(request, 'response');
      return [response.headers['sluice-fallback'], (await text(response)).length];
    };
    expect(await chunked(0)).toEqual(['LiveVersion', 0]);
    expect(await chunked(65_536)).toEqual(['LiveVersion', 65_536]);
    expect(await chunked(65_537)).toEqual(['StaticAnswer', staticAnswer.length]);
    expect(await chunked(5_000_000)).toEqual(['StaticAnswer', staticAnswer.length]);
  });

  test('is not asked what is larger than is kept, which goes to the candidate all the same', async () => {
    expect((await answerTo({ bbbb: 'fails', body: 'x'.repeat(65_536) })).by).toBe('LiveVersion');
    expect((await answerTo({ bbbb: 'fails', body: 'x'.repeat(65_537) })).by).toBe('StaticAnswer');
    expect((await answerTo({ bbbb: 'answers', body: 'x'.repeat(7_000_000) })).body).toHaveLength(7_000_000);
  });
});

test('what is kept of many large requests at once is bounded, and free again when all of them are answered', async () => {
  const asked = { deployment: 'large', bbbb: 'hangs', body: 'x'.repeat(1_048_576) } as const;
  const askedAgain = async () => {
    const [, count] = /total: (\d+)/.exec(await world.stats('^cluster.large-aaaa_fallback.upstream_rq_total$')) ?? [];
    return Number(count);
  };
  const answers = await Promise.all(Array.from({ length: 80 }, () => answerTo(asked)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const before = await askedAgain();
  // 32 MiB in each of two threads.
  expect([before > 0, before < 64]).toEqual([true, true]);
  await answerTo(asked);
  expect(await askedAgain()).toBe(before + 1);
}, 60_000);

describe('a deployment that falls back', () => {
  test('answers while no revision serves, and that the gateway had none is counted', async () => {
    const before = await world.counters();
    const { status, by, revision, failed, body } = await answerTo({ deployment: 'nobody' });
    expect([status, by, revision, failed, body]).toEqual([200, 'StaticAnswer', null, null, staticAnswer]);
    const [was, is] = [before, await world.counters()].map((each) => each?.gateway['nobody']?.errors ?? 0);
    expect((is ?? 0) - (was ?? 0)).toBe(1);
  });

  test.each([
    ['GET', '/v2/health/ready'],
    ['GET', '/v2/models/digits/ready'],
    ['GET', '/v2/models/digits'],
    ['GET', inferPath],
    ['POST', '/v2/repository/index'],
  ])('tells the truth to %s %s', async (method, path) => {
    expect(await answerTo({ method, path, bbbb: 'is stopping' })).toMatchObject({ status: 503, by: null });
    expect(await answerTo({ deployment: 'nobody', method, path })).toMatchObject({ status: 503, by: null });
  });

  test('answers a request for one version, which the live one is not, with the static answer', async () => {
    const path = '/v2/models/digits/versions/digits-2/infer';
    const { by } = await answerTo({ path, bbbb: 'fails', aaaa: 'says 404' });
    expect(by).toBe('StaticAnswer');
  });

  test('refuses what it refused before: nothing of it has an answer', async () => {
    const tooLarge = await answerTo({ body: 'x'.repeat(9_000_000) });
    expect([tooLarge.status, tooLarge.by]).toEqual([413, null]);
    const socket = connect(Number(new URL(world.url('both')).port), '127.0.0.1');
    socket.write(
      `POST ${inferPath} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: tea\r\ncontent-length: 2\r\n\r\n{}`,
    );
    expect(await text(socket)).toMatch(/^HTTP\/1.1 417 (?!.*sluice-fallback)/s);
  });

  test('answers over HTTP/1.0 and HTTP/2', async () => {
    const socket = connect(Number(new URL(world.url('both')).port), '127.0.0.1');
    socket.write(`POST ${inferPath} HTTP/1.0\r\nx-bbbb: fails\r\ncontent-length: 4\r\n\r\n"hi"`);
    expect(await text(socket)).toMatch(/^HTTP\/1.0 200 .*sluice-fallback: LiveVersion.*"hi"$/s);
    const session = connectHttp2(world.url('both'));
    const headers = { ':method': 'POST', ':path': inferPath, 'x-bbbb': 'hangs', 'x-aaaa': 'hangs' };
    const stream = session.request(headers);
    stream.end('{}');
    const [answered] = await once(stream, 'response');
    expect([answered[':status'], answered['sluice-fallback']]).toEqual([200, 'StaticAnswer']);
    expect(await text(stream)).toBe(staticAnswer);
    session.destroy();
  });

  test('counts nothing of a client that leaves: neither failure nor answer', async () => {
    const before = await countedOf('static');
    const request = ask(`${world.url('static')}${inferPath}`, { method: 'POST', headers: { 'x-bbbb': 'hangs' } });
    request.on('error', () => request.destroy()).end('{}');
    const isUnderWay = async () => /active: 1$/m.test(await world.stats('cluster.static-bbbb.upstream_rq_active'));
    await waitUntil('the request is under way', isUnderWay);
    request.destroy();
    await waitUntil('the request is given up', async () => !(await isUnderWay()));
    expect(await grownBy(before, 'static')).toMatchObject({ candidate: [0, 0], liveVersion: 0, staticAnswer: 0 });
  });

  test('is counted for Prometheus, too', async () => {
    await answerTo({ deployment: 'static', bbbb: 'fails' });
    const { staticAnswer: count } = await countedOf('static');
    expect(await world.prometheus()).toContain(`envoy_sluice_fallback_static_answer{mdep="static"} ${count}\n`);
  });

  test('answers at the end of its budget, and has no error of its script', async () => {
    const began = performance.now();
    expect((await answerTo({ bbbb: 'hangs', aaaa: 'hangs' })).by).toBe('StaticAnswer');
    const took = performance.now() - began;
    expect([took > 1000, took < 1400]).toEqual([true, true]);
    expect(await world.stats('lua.*errors')).not.toMatch(/errors: [1-9]/);
  });
});
