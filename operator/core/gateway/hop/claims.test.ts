// Which claims let a gateway pod in, and what the others are refused for.
import { expect, test } from '@jest/globals';
import { judgeClaims } from './claims.ts';

const now = Date.parse('2026-01-05T10:00:00Z');
const seconds = now / 1000;
const pod = { name: 'sluice-gateway-1', uid: 'uid-1' };
/** As the apiserver writes them. */
const claims = {
  iss: 'https://kubernetes.default.svc',
  aud: ['sluice'],
  exp: seconds + 3600,
  iat: seconds,
  nbf: seconds,
  jti: 'b7e3',
  sub: 'system:serviceaccount:ml:default',
  'kubernetes.io': {
    namespace: 'ml',
    node: { name: 'n', uid: 'n' },
    pod,
    serviceaccount: { name: 'default', uid: 's' },
  },
};
const own = claims['kubernetes.io'];
const judged = (changed: object) => judgeClaims({ ...claims, ...changed }, now);

test.each([
  ['as the apiserver makes them', {}],
  ['with one audience that is no list', { aud: 'sluice' }],
  ['for others, too', { aud: ['https://kubernetes.default.svc', 'sluice'] }],
  ['without a beginning', { nbf: undefined }],
  ['of a clock that is a minute ahead', { nbf: seconds + 60 }],
])('claims %s let the pod in', (_, changed) => {
  expect(judged(changed)).toEqual({ namespace: 'ml', pod, until: now + 3_660_000 });
});

test.each([
  ['for the apiserver', { aud: ['https://kubernetes.default.svc'] }, 'OtherAudience'],
  ['for somebody whose name only begins like ours', { aud: ['sluice2'] }, 'OtherAudience'],
  ['for nobody', { aud: [] }, 'OtherAudience'],
  ['that ended more than a minute ago', { exp: seconds - 60 }, 'Expired'],
  ['that begin in the future', { nbf: seconds + 61 }, 'NotYetValid'],
  ['without an end', { exp: undefined }, 'OfNoPod'],
  ['with an end that is no number', { exp: 'never' }, 'OfNoPod'],
  ['of a person or a controller', { 'kubernetes.io': { ...own, pod: undefined } }, 'OfNoPod'],
  ['of no ServiceAccount', { 'kubernetes.io': undefined }, 'OfNoPod'],
])('claims %s are refused', (_, changed, refusal) => {
  expect(judged(changed)).toBe(refusal);
});

test.each([
  ['null', null],
  ['a text', 'sluice'],
  ['a list', []],
])('%s instead of claims is refused', (_, value) => {
  expect(judgeClaims(value, now)).toBe('OfNoPod');
});
