// Whose token lets a gateway pod in: signed by this cluster, for us, of a pod that is a gateway's. The apiserver's own tokens
// are in test/integration/gateway.
import { beforeEach, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ApiError } from '../../kube/errors.ts';
import { FakeClock } from '../../kube/testing/fake-clock.ts';
import type { TransportRequest } from '../../kube/transport/transport.ts';
import { ClusterKeys } from './cluster-keys.ts';
import { GatewayTokens } from './gateway-tokens.ts';

const issuer = 'https://kubernetes.default.svc';
type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

let clock: FakeClock;
/** What the apiserver publishes, and how often it was asked. */
let published: object[];
let asked: number;
let refusal: Error | undefined;
let pods: Set<string>;
let tokens: GatewayTokens;
let keys: Keys;

async function publish(pair: Keys, kid: string): Promise<void> {
  published.push({ ...(await exportJWK(pair.publicKey)), kid, alg: 'ES256', use: 'sig' });
}

const transport = {
  request: async ({ path, accept }: TransportRequest) => {
    if (refusal) throw refusal;
    const type = path === '/openid/v1/jwks' ? 'application/jwk-set+json' : 'application/json';
    if (accept !== type) throw new ApiError({ status: 406, reason: 'NotAcceptable', message: type });
    if (path === '/openid/v1/jwks') return { keys: published };
    asked += 1;
    return { issuer, jwks_uri: 'https://192.0.2.1/openid/v1/jwks' };
  },
};

async function token(claims: object = {}, { pair = keys, kid = 'one' } = {}): Promise<string> {
  const seconds = clock.wall().getTime() / 1000;
  const of = { namespace: 'ml', pod: { name: 'gateway-1', uid: 'uid-1' } };
  const whole = { iss: issuer, aud: ['sluice'], exp: seconds + 3600, nbf: seconds, 'kubernetes.io': of, ...claims };
  return `Bearer ${await new SignJWT(whole).setProtectedHeader({ alg: 'ES256', kid }).sign(pair.privateKey)}`;
}

beforeEach(async () => {
  clock = new FakeClock();
  [published, asked, refusal] = [[], 0, undefined];
  pods = new Set(['ml/uid-1']);
  keys = await generateKeyPair('ES256', { extractable: true });
  await publish(keys, 'one');
  tokens = new GatewayTokens({
    keys: new ClusterKeys(transport, clock),
    isGatewayPod: (namespace, uid) => pods.has(`${namespace}/${uid}`),
    clock,
  });
});

describe('a token', () => {
  test('of a gateway pod lets it in until it ends, and its signature is checked with keys that are read once', async () => {
    const sent = await token();
    for (let again = 0; again < 3; again += 1) {
      expect(await tokens.admit(sent)).toMatchObject({ pod: { uid: 'uid-1' } });
    }
    expect(asked).toBe(1);
    await clock.advance(3_660_000);
    expect(await tokens.admit(sent)).toBe('Expired');
  });

  test('of a pod that is gone, or is none of a gateway, lets nobody in', async () => {
    const sent = await token();
    expect(await tokens.admit(sent)).toMatchObject({ namespace: 'ml' });
    pods.clear();
    expect(await tokens.admit(sent)).toBe('NoGatewayPod');
  });

  test.each([
    ['that is missing', undefined],
    ['that is empty', 'Bearer '],
    ['of another kind', 'Basic c2x1aWNlOnNsdWljZQ=='],
  ])('%s is none', async (_, sent) => expect(await tokens.admit(sent)).toBe('NoToken'));

  test.each(['a.b.c', 'x', 'e30.e30.', `${'a'.repeat(50_000)}.e30.e30`])('%.20s is of nobody', async (text) => {
    expect(await tokens.admit(`Bearer ${text}`)).toBe('NotOfThisCluster');
  });

  test('that says it needs no signature, or one by a published key as a secret, is of nobody', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const [, payload = ''] = (await token()).split('.');
    const secret = new TextEncoder().encode(JSON.stringify(published[0]));
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const hmac = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(secret);
    for (const forged of [`${part({ alg: 'none' })}.${payload}.`, hmac]) {
      expect(await tokens.admit(`Bearer ${forged}`)).toBe('NotOfThisCluster');
    }
  });

  test('of another issuer is of another cluster, whoever signed it', async () => {
    expect(await tokens.admit(await token({ iss: 'https://elsewhere' }))).toBe('NotOfThisCluster');
  });
});

describe('the cluster’s keys', () => {
  test('are read again for a token of a new one, and then not for some seconds', async () => {
    await tokens.admit(await token());
    const [next, foreign] = await Promise.all([
      generateKeyPair('ES256', { extractable: true }),
      generateKeyPair('ES256'),
    ]);
    await publish(next, 'two');
    await clock.advance(5_000);
    expect(await tokens.admit(await token({}, { pair: next, kid: 'two' }))).toMatchObject({ namespace: 'ml' });
    expect(asked).toBe(2);
    for (let again = 0; again < 5; again += 1) {
      expect(await tokens.admit(await token({ again }, { pair: foreign, kid: 'three' }))).toBe('NotOfThisCluster');
    }
    expect(asked).toBe(2);
  });

  test('that were read stay while the apiserver does not answer', async () => {
    await tokens.admit(await token());
    refusal = new ApiError({ status: 503, reason: 'ServiceUnavailable', message: 'down' });
    await clock.advance(60_000);
    expect(await tokens.admit(await token({ jti: 'new' }))).toMatchObject({ namespace: 'ml' });
    await expect(tokens.admit('Bearer a.b.c')).rejects.toThrow('down');
  });

  test('that may not be read make nobody a stranger: it is said why', async () => {
    refusal = new ApiError({ status: 403, reason: 'Forbidden', message: 'forbidden' });
    await expect(tokens.admit(await token())).rejects.toThrow('forbidden');
    refusal = undefined;
    await clock.advance(5_000);
    expect(await tokens.admit(await token())).toMatchObject({ namespace: 'ml' });
  });
});

test('who was let in goes on until the token ends or the pod is gone', async () => {
  const holder = await tokens.admit(await token());
  if (typeof holder === 'string') throw new Error(holder);
  await clock.advance(3_650_000);
  expect(tokens.isStill(holder)).toBe(true);
  pods.clear();
  expect(tokens.isStill(holder)).toBe(false);
  pods.add('ml/uid-1');
  await clock.advance(10_000);
  expect(tokens.isStill(holder)).toBe(false);
});
