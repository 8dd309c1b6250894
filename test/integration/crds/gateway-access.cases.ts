// What the apiserver takes and refuses of spec.access of a ModelGateway.
import type { KindCases } from './rule-case.ts';

const apiKeys = { secretName: 'keys' };
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
    says: 'should be greater than or equal to 1',
    at: 'spec.access.rateLimit.requestsPerSecond',
    accepts: { 'one a second': limited({ requestsPerSecond: 1 }) },
    rejects: { none: limited({ requestsPerSecond: 0 }) },
  },
];

export const accessRules: KindCases['rules'] = [
  {
    says: 'access needs apiKeys: without a way to know callers nobody could ask',
    at: 'spec.access',
    accepts: { 'a Secret of keys': { 'spec.access': { apiKeys } } },
    rejects: { 'no way to know callers': { 'spec.access': { audit: 'Metadata' } } },
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
