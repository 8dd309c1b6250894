// Callers with a token of an issuer, alone and beside callers with keys, on a real Envoy.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessSchema, type GatewayAccess } from '@sluice/crds/v1alpha1/gateway/gateway-access.ts';
import { request } from 'undici';
import { AccessWorld } from './access-world.ts';
import { Issuer, issuerName } from './issuer.ts';

const world = new AccessWorld();
const issuer = new Issuer('one');
const stranger = new Issuer('one');
const inferPath = '/v2/models/digits/infer';
const jwt = { issuer: issuerName, audiences: ['sluice', 'models'], jwksSecretName: 'issuer', roleClaim: 'roles' };
const ruled = (more: object = {}): { access: GatewayAccess } => ({ access: accessSchema.parse({ jwt, ...more }) });
const mayPredict = { roles: ['Predict'] };
const key = 'batch.0123.4567';
const digest = createHash('sha256').update(key).digest('hex');

async function ask(token: string | undefined, path = inferPath): Promise<[number, string]> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await request(`${world.url}${path}`, { method: 'POST', headers, body: '{}', reset: true });
  return [answer.statusCode, await answer.body.text()];
}

const statusOf = async (token: string | undefined, path = inferPath) => (await ask(token, path))[0];

/** Waits until tokens of somebody are answered so: the gateway asks for the keys every few seconds. */
async function follows(somebody: Issuer, status: number): Promise<void> {
  const end = Date.now() + 20_000;
  let last = 0;
  while (last !== status && Date.now() < end) last = await statusOf(somebody.token(mayPredict));
  expect(last).toBe(status);
}

beforeAll(async () => {
  await world.open();
  await world.secret('jwks', issuer.secret);
  await world.secret('keys', { batch: `sha256:${digest} Predict` });
  await world.startPod(['jwks']);
  await world.rule(ruled());
  await follows(issuer, 200);
}, 120_000);
afterAll(() => world.close());

const past = Math.floor(Date.now() / 1000) - 600;

describe('who comes with a token', () => {
  test.each<[string, string | undefined, number, string]>([
    ['that names the role', issuer.token(mayPredict), 200, 'answered'],
    ['that names it in small letters among others', issuer.token({ roles: ['admin', 'predict'] }), 200, 'answered'],
    ['that names it in a text', issuer.token({ roles: 'openid predict' }), 200, 'answered'],
    ['for another of the audiences', issuer.token({ ...mayPredict, aud: ['x', 'models'] }), 200, 'answered'],
    ['that names no role', issuer.token(), 403, 'sub:alice has no role Predict: name it in the claim roles'],
    ['that names others', issuer.token({ roles: ['admin'] }), 403, 'has no role'],
    ['whose roles are no roles', issuer.token({ roles: { Predict: true } }), 403, 'has no role'],
    ['without a subject', issuer.token({ ...mayPredict, sub: undefined }), 401, 'has no subject'],
    ['that has expired', issuer.token({ ...mayPredict, exp: past }), 401, 'the token is refused: Jwt is expired'],
    ['that never expires', issuer.token({ ...mayPredict, exp: undefined }), 401, 'the token is refused'],
    [
      'that is for somebody else',
      issuer.token({ ...mayPredict, aud: 'shop' }),
      401,
      'Audiences in Jwt are not allowed',
    ],
    ['of another issuer', issuer.token({ ...mayPredict, iss: 'https://evil.example.com' }), 401, 'token'],
    ['that somebody else has signed', stranger.token(mayPredict), 401, 'the token is refused'],
    ['that nobody has signed', issuer.token(mayPredict, { alg: 'none' }), 401, 'the token is refused'],
    ['that is none', 'hello', 401, 'token'],
    ['left at home', undefined, 401, `no token: send one of ${issuerName}`],
  ])('%s is answered as the rules say', async (_, token, status, says) => {
    const [code, body] = await ask(token);
    expect([code, body]).toEqual([status, expect.stringContaining(says)]);
    if (status !== 200) expect(JSON.parse(body)).toEqual({ error: expect.any(String) });
  });

  test('does not get in by a token in the query', async () => {
    expect(await statusOf(undefined, `${inferPath}?access_token=${issuer.token(mayPredict)}`)).toBe(401);
  });

  test('does not have it handed on to the model', async () => {
    await ask(issuer.token(mayPredict));
    expect(JSON.stringify(world.lastHeaders)).not.toContain('eyJ');
  });

  test('is let in by a role in a claim of a claim, or by what everybody may', async () => {
    await world.rule(ruled({ jwt: { ...jwt, roleClaim: 'realm_access.roles' } }));
    expect(await statusOf(issuer.token({ realm_access: mayPredict }))).toBe(200);
    expect(await statusOf(issuer.token(mayPredict))).toBe(403);
    await world.rule(ruled({ roles: ['Predict'], jwt: { ...jwt, roleClaim: 'https://example.com/roles' } }));
    expect(await statusOf(issuer.token())).toBe(200);
    expect(await statusOf(issuer.token({ 'https://example.com/roles': ['admin'] }))).toBe(403);
    await world.rule(ruled());
  }, 60_000);
});

test('a caller who asks too often is known by his subject', async () => {
  await world.rule(ruled({ rateLimit: { requestsPerSecond: 1 } }));
  const [alice, bob] = [issuer.token(mayPredict), issuer.token({ ...mayPredict, sub: 'bob' })];
  expect([await statusOf(alice), await statusOf(alice), await statusOf(bob)]).toEqual([200, 429, 200]);
  await world.rule(ruled());
}, 60_000);

describe('keys and tokens at once', () => {
  test('a pod that has only the keys of the issuer knows tokens, and no API key yet', async () => {
    await world.rule(ruled({ apiKeys: { secretName: 'keys' } }));
    expect([await statusOf(issuer.token(mayPredict)), await statusOf(key)]).toEqual([200, 401]);
  }, 60_000);

  test('a pod with both knows both, each in its own words', async () => {
    await world.startPod(['jwks', 'keys']);
    await world.taken();
    await follows(issuer, 200);
    expect([await statusOf(issuer.token(mayPredict)), await statusOf(key)]).toEqual([200, 200]);
    expect(await ask('batch.other')).toEqual([401, expect.stringContaining('unknown API key')]);
    expect(await ask(stranger.token(mayPredict))).toEqual([401, expect.stringContaining('the token is refused')]);
    expect(await ask(undefined)).toEqual([401, expect.stringMatching(/no API key: .*, or no token: /)]);
  }, 60_000);

  test('whoever was refused is no evidence', async () => {
    const { revision, gateway } = await world.evidence();
    expect(revision).toMatchObject({ requests: world.answered, errors: 0, overloaded: 0 });
    expect(gateway).toMatchObject({ errors: 0 });
  }, 60_000);
});

test('keys that the issuer has changed are followed without a restart', async () => {
  const next = new Issuer('two');
  expect(await statusOf(next.token(mayPredict))).toBe(401);
  await world.secret('jwks', next.secret);
  await follows(next, 200);
  await follows(issuer, 401);
}, 60_000);
