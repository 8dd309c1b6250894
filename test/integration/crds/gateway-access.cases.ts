// What the apiserver takes and refuses of spec.access of a ModelGateway.
import type { KindCases } from './rule-case.ts';

const apiKeys = { secretName: 'keys' };
const everybody = { issuer: 'https://id.example.com', audiences: ['sluice'], jwksSecretName: 'issuer' };
const jwt = { ...everybody, roleClaim: 'realm_access.roles' };
const limited = (rateLimit: object) => ({ 'spec.access': { apiKeys, rateLimit } });

export const accessStructure: KindCases['structural'] = [
  {
    says: 'Unsupported value: "Admire"',
    at: 'spec.access.roles[0]',
    accepts: { 'a role that there is': { 'spec.access': { apiKeys, roles: ['Predict'] } } },
    rejects: { 'one that there is not': { 'spec.access': { apiKeys, roles: ['Admire'] } } },
  },
  {
    says: 'Unsupported value: "Everything"',
    at: 'spec.access.audit',
    accepts: { 'a line for each request': { 'spec.access': { apiKeys, audit: 'Metadata' } } },
    rejects: { 'more than that': { 'spec.access': { apiKeys, audit: 'Everything' } } },
  },
  {
    says: 'should have at least 1 items',
    at: 'spec.access.jwt.audiences',
    accepts: { 'two audiences': { 'spec.access': { jwt: { ...jwt, audiences: ['a', 'b'] } } } },
    rejects: { 'tokens for anybody': { 'spec.access': { jwt: { ...jwt, audiences: [] } } } },
  },
  {
    says: 'should match',
    at: 'spec.access.jwt.roleClaim',
    accepts: { 'a name that is a URL': { 'spec.access': { jwt: { ...jwt, roleClaim: 'https://example.com/roles' } } } },
    rejects: { 'an expression': { 'spec.access': { jwt: { ...jwt, roleClaim: "roles[0] == 'x'" } } } },
  },
  {
    says: 'should be greater than or equal to 1',
    at: 'spec.access.rateLimit.requestsPerSecond',
    accepts: { 'one a second': limited({ requestsPerSecond: 1 }) },
    rejects: { none: limited({ requestsPerSecond: 0 }) },
  },
];

export const accessRules: KindCases['rules'] = [
  {
    says: 'tls cannot stand beside expose.type Ingress or HTTPRoute: what they lead through ends TLS and speaks plain HTTP',
    at: 'spec.tls',
    accepts: {
      'a certificate alone': { 'spec.tls': { secretName: 'digits-tls' } },
      'a balancer that hands connections on': {
        'spec.tls': { secretName: 'digits-tls', clientCertificates: 'Required' },
        'spec.expose': { type: 'LoadBalancer' },
      },
    },
    rejects: {
      'an Ingress': { 'spec.tls': { secretName: 'digits-tls' }, 'spec.expose': { type: 'Ingress' } },
    },
  },
  {
    says: 'access needs apiKeys or jwt: without a way to know callers nobody could ask',
    at: 'spec.access',
    accepts: {
      'a Secret of keys': { 'spec.access': { apiKeys } },
      'an issuer': { 'spec.access': { jwt } },
      both: { 'spec.access': { apiKeys, jwt } },
    },
    rejects: { 'no way to know callers': { 'spec.access': { audit: 'Metadata' } } },
  },
  {
    says: 'set jwt.roleClaim, or roles to [Predict]: without either no token allows anything',
    at: 'spec.access',
    accepts: {
      'a claim with roles': { 'spec.access': { jwt } },
      'roles of everybody': { 'spec.access': { jwt: everybody, roles: ['Predict'] } },
    },
    rejects: { neither: { 'spec.access': { jwt: everybody } } },
  },
  {
    says: 'burst must be at least requestsPerSecond',
    at: 'spec.access.rateLimit.burst',
    accepts: {
      'more at once': limited({ requestsPerSecond: 10, burst: 20 }),
      'no burst of its own': limited({ requestsPerSecond: 10 }),
    },
    rejects: { 'less at once than each second': limited({ requestsPerSecond: 10, burst: 9 }) },
  },
];
