// Who may ask through a gateway: the rules of a ModelGateway on a real Envoy.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessSchema } from '@sluice/crds/v1alpha1/gateway/gateway-access.ts';
import { frontPort } from '@sluice/operator/core/gateway/envoy/front.ts';
import { until } from '@sluice/operator/kube/testing/until.ts';
import { Agent, request } from 'undici';
import { runCommand } from '../../cluster/run-command.ts';
import { AccessWorld, staticAnswer } from './access-world.ts';
import { startLoad } from './load.ts';

const world = new AccessWorld();
const inferPath = '/v2/models/digits/infer';
const key = (name: string) => `${name}.0123456789abcdef`;
const entry = (name: string, roles = 'Predict') =>
  `sha256:${createHash('sha256').update(key(name)).digest('hex')} ${roles}\n`;
const keys = {
  frontend: entry('frontend'),
  batch: entry('batch', ''),
  small: entry('small', 'predict'),
  stranger: entry('stranger', 'Admire'),
  broken: 'not a digest',
  half: 'sha256:12ab Predict',
};
const apiKeys = { secretName: 'keys' };
const ruled = (more: object = {}) => ({ access: accessSchema.parse({ apiKeys, ...more }) });

type Answer = { readonly status: number; readonly headers: Record<string, unknown>; readonly body: string };
async function ask(headers: Record<string, string> = {}, path = inferPath): Promise<Answer> {
  const answer = await request(`${world.url}${path}`, { method: 'POST', headers, body: '{}', reset: true });
  return { status: answer.statusCode, headers: answer.headers, body: await answer.body.text() };
}

/** Whatever was refused: only what the model answered is counted, and nothing of it as an error. */
async function expectNoEvidence(): Promise<void> {
  const { revision, gateway } = await world.evidence();
  expect(revision).toMatchObject({ requests: world.answered, errors: 0, overloaded: 0 });
  expect(gateway).toMatchObject({ errors: 0 });
}
const withKey = (name: string) => ({ authorization: `Bearer ${key(name)}` });

beforeAll(async () => {
  await world.open();
  await world.secret('keys', keys);
  await world.startPod([]);
}, 120_000);
afterAll(() => world.close());

describe('a gateway pod that was there before the rules', () => {
  test('is open until there are any, then answers nobody, on connections of before, too', async () => {
    await world.rule(undefined);
    const agent = new Agent({ connections: 1 });
    const askAgain = () => request(`${world.url}${inferPath}`, { method: 'POST', body: '{}', dispatcher: agent });
    expect((await askAgain()).statusCode).toBe(200);
    await world.rule(ruled());
    const first = await askAgain();
    expect([307, 503]).toContain(first.statusCode);
    await first.body.dump();
    const closed = await ask(withKey('frontend'));
    expect(closed).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(JSON.parse(closed.body)).toEqual({ error: expect.stringContaining('ask again') });
    expect(closed.headers['sluice-revision']).toBeUndefined();
    await agent.close();
  }, 60_000);

  test('is no evidence: nothing that it refuses counts as failed by a revision or by the gateway', async () => {
    expect(world.answered).toBe(1);
    await expectNoEvidence();
  }, 60_000);
});

describe('a gateway pod with the keys', () => {
  beforeAll(async () => {
    await world.startPod(['keys']);
    await world.rule(ruled());
  }, 60_000);

  test.each<[string, Record<string, string>, number, string]>([
    ['a bearer token', withKey('frontend'), 200, 'answered'],
    ['… in any case', { Authorization: `bearer  ${key('frontend')}` }, 200, 'answered'],
    ['x-api-key', { 'x-api-key': key('frontend') }, 200, 'answered'],
    ['a role in small letters', withKey('small'), 200, 'answered'],
    ['no key', {}, 401, 'no API key: send it as'],
    ['an empty key', { 'x-api-key': '' }, 401, 'unknown API key'],
    ['another secret of a known name', { 'x-api-key': 'frontend.other' }, 401, 'unknown API key'],
    ['a name alone', { 'x-api-key': 'frontend' }, 401, 'unknown API key'],
    ['the hash itself', { 'x-api-key': entry('frontend').trim() }, 401, 'unknown API key'],
    ['a name that nobody has', withKey('nobody'), 401, 'unknown API key'],
    ['a path', { 'x-api-key': `../keys/${key('frontend')}` }, 401, 'unknown API key'],
    ['what the kubelet keeps beside it', { 'x-api-key': '..data.x' }, 401, 'unknown API key'],
    ['two keys at once', { 'x-api-key': `${key('frontend')}, ${key('frontend')}` }, 401, 'unknown API key'],
    ['a key without an end', { 'x-api-key': `frontend.${'x'.repeat(5000)}` }, 401, 'unknown API key'],
    ['a password', { authorization: 'Basic Zm9vOmJhcg==' }, 401, 'no API key'],
    ['an entry that is no digest', withKey('broken'), 401, 'cannot be read'],
    ['… or half of one', withKey('half'), 401, 'cannot be read'],
    ['a key without a role', withKey('batch'), 403, 'has no role Predict'],
    ['a key with a role that nobody knows', withKey('stranger'), 403, 'has no role Predict'],
  ])('answers who comes with %s as the rules say', async (_, headers, status, says) => {
    const answer = await ask(headers);
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(says)]);
    expect(answer.headers['sluice-revision']).toBe(status === 200 ? 'aaaa' : undefined);
    if (status === 200) return;
    expect(JSON.parse(answer.body)).toEqual({ error: expect.any(String) });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer realm="sluice"' : undefined);
  });

  test('lets whoever asks for its health in, and for nothing else', async () => {
    const answers = ['/v2/health/live', '/v2/health/ready?x=1', '/v2/health/live/', '/v2', '/v2/models/digits/ready'];
    const statuses = answers.map(async (path) => (await fetch(`${world.url}${path}`)).status);
    expect(await Promise.all(statuses)).toEqual([200, 200, 401, 401, 401]);
    expect((await ask({}, '/v2/health/live')).status).toBe(401);
  });

  test('hands no key on to the model, and nothing that says who somebody is', async () => {
    await ask({ ...withKey('frontend'), 'x-api-key': key('frontend'), 'x-forwarded-client-cert': 'Subject="me"' });
    const names = Object.keys(world.lastHeaders);
    expect(names).toContain('host');
    for (const secret of ['authorization', 'x-api-key', 'x-forwarded-client-cert']) expect(names).not.toContain(secret);
  });

  test('answers a large body that it refuses, too', async () => {
    const body = 'x'.repeat(9 * 1024 * 1024);
    const post = ['--silent', '--header', 'expect:', '--data-binary', '@-', '--write-out', '%{http_code}'];
    const said = await runCommand(['curl', ...post, `${world.url}${inferPath}`], { input: body });
    expect(said).toMatch(/no API key.*401$/s);
  });

  test('follows the Secret without a restart: keys come and go', async () => {
    expect((await ask(withKey('frontend'))).status).toBe(200);
    await world.secret('keys', { ...keys, frontend: entry('late'), late: entry('late') });
    expect((await ask(withKey('frontend'))).status).toBe(401);
    expect((await ask(withKey('late'))).status).toBe(200);
    await world.secret('keys', keys);
  });

  test('is no evidence for the revision when it refuses', async () => {
    for (const headers of [{}, withKey('nobody'), withKey('batch')]) await ask(headers);
    await ask(withKey('frontend'));
    await expectNoEvidence();
  }, 30_000);

  test('loses no request while rules change, and keeps the new ones', async () => {
    await world.rule(ruled({ roles: ['Predict'] }));
    const stop = startLoad(`${world.url}${inferPath}`, 4, withKey('batch'));
    await world.rule(ruled({ roles: ['Predict'], rateLimit: { requestsPerSecond: 100_000 } }));
    await world.rule(ruled({ roles: ['Predict'], audit: 'Metadata' }));
    const { answers, sent } = await stop();
    expect([...answers]).toEqual([['200 answered', sent]]);
    await world.rule(ruled());
    expect((await ask(withKey('batch'))).status).toBe(403);
  }, 60_000);

  test('answers at most once more by the rules of before on a connection that is open', async () => {
    await world.rule(ruled({ roles: ['Predict'] }));
    const agent = new Agent({ connections: 1 });
    const again = async () => {
      const how = { method: 'POST', headers: withKey('batch'), body: '{}', dispatcher: agent } as const;
      const answer = await request(`${world.url}${inferPath}`, how);
      await answer.body.dump();
      return answer.statusCode;
    };
    expect(await again()).toBe(200);
    await world.rule(ruled());
    await again();
    expect(await again()).toBe(403);
    await agent.close();
  }, 30_000);

  test('lets each caller ask so often and no more, and says when to come back; that is no overload', async () => {
    await world.rule(ruled({ roles: ['Predict'], rateLimit: { requestsPerSecond: 1, burst: 3 } }));
    const answers: Answer[] = [];
    for (let count = 0; count < 5; count += 1) answers.push(await ask(withKey('frontend')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    expect(answers.map(({ headers }) => headers['sluice-revision'])).toEqual([
      'aaaa',
      'aaaa',
      'aaaa',
      undefined,
      undefined,
    ]);
    expect(answers[4]?.headers).toMatchObject({ 'retry-after': '1', 'content-type': 'application/json' });
    expect(JSON.parse(answers[4]?.body ?? '')).toEqual({ error: expect.stringContaining('1 times a second') });
    expect((await ask(withKey('batch'))).status).toBe(200);
    await expectNoEvidence();
  }, 60_000);

  test('writes a line for each request when it is to, without keys, bodies and queries', async () => {
    await world.rule(ruled({ audit: 'Metadata' }));
    const path = `${inferPath}?token=hidden`;
    expect((await ask(withKey('frontend'), path)).status).toBe(200);
    expect((await ask(withKey('nobody'), path)).status).toBe(401);
    await until(() => world.auditLines().length >= 2, 10_000);
    const lines = world.auditLines();
    const common = { audit: 'request', deployment: 'digits', method: 'POST', path: inferPath };
    expect(lines.slice(-2)).toEqual([
      expect.objectContaining({ ...common, caller: 'key:frontend', status: 200, revision: 'aaaa' }),
      expect.objectContaining({ ...common, status: 401 }),
    ]);
    expect(lines.at(-1)).not.toHaveProperty('revision');
    expect(lines[0]).toMatchObject({
      ...{ time: expect.any(String), durationMs: expect.any(Number), requestBytes: 2, responseBytes: 8 },
    });
    expect(JSON.stringify(lines)).not.toMatch(/hidden|0123456789abcdef/);
  }, 30_000);

  test('gives a static answer for a model that fails to whoever may ask it, and to nobody else', async () => {
    await world.rule(ruled({ audit: 'Metadata' }));
    world.isFailing = true;
    const [answer, refused] = [await ask(withKey('frontend')), await ask(withKey('nobody'))];
    const throughFront = await fetch(`http://127.0.0.1:${frontPort}${inferPath}`, {
      ...{ method: 'POST', headers: withKey('frontend'), body: '{}' },
    });
    world.isFailing = false;
    expect([answer.status, answer.headers['sluice-fallback'], answer.body]).toEqual([
      200,
      'StaticAnswer',
      staticAnswer,
    ]);
    expect([throughFront.status, await throughFront.text()]).toEqual([200, staticAnswer]);
    expect([refused.status, refused.headers['sluice-fallback']]).toEqual([401, undefined]);
    await until(() => world.auditLines().at(-1)?.['fallback'] === 'StaticAnswer', 10_000);
    const lines = world.auditLines().slice(-3);
    expect(lines.map(({ status, fallback }) => [status, fallback])).toEqual([
      [200, 'StaticAnswer'],
      [401, undefined],
      [200, 'StaticAnswer'],
    ]);
    await until(() => world.fallback?.staticAnswer === 2, 10_000);
  }, 30_000);
});

test('a connection that is open when its model is deleted gets at most one more answer', async () => {
  await world.rule(undefined);
  const agent = new Agent({ connections: 1 });
  const again = async () => {
    const answer = await request(`${world.url}${inferPath}`, { method: 'POST', body: '{}', dispatcher: agent });
    await answer.body.dump();
  };
  await again();
  await world.remove();
  await again().catch(() => {});
  await expect(again()).rejects.toThrow('ECONNREFUSED');
  await agent.close();
}, 60_000);
