// Who may ask through a gateway: how callers are known, what they may do, how often, and what is written down of it.
import { z } from 'zod';
import { describe, integer, nameOf } from '../../fragments.ts';

/** What a caller may be allowed. `Predict`: everything that the models of the namespace answer. */
export const callerRoles = ['Predict'] as const;

const roles = z
  .array(z.enum(callerRoles))
  .max(callerRoles.length)
  .default([])
  .meta({
    ...describe('What a caller may do whose key or token names no role.'),
    'x-kubernetes-list-type': 'set',
  });

const apiKeys = z
  .object({
    secretName: nameOf('Secret').meta(
      describe('A Secret with an entry for each caller: its name, and "sha256:<hex of the key> <roles>" as the value.'),
    ),
  })
  .meta(describe('Callers with a key, "<name of the entry>.<secret>", as a bearer token or in x-api-key.'));

/** What stands in claims that are compared: a URL, a name, an identity. */
const text = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[!-~]+$/);

const jwt = z
  .object({
    issuer: text.meta(describe('What iss of a token must be.')),
    audiences: z
      .array(text)
      .min(1)
      .max(8)
      .meta({ ...describe('What aud of a token must name one of.'), 'x-kubernetes-list-type': 'set' }),
    jwksSecretName: nameOf('Secret').meta(
      describe("A Secret whose entry jwks.json is the issuer's JSON Web Key Set; followed when it changes."),
    ),
    roleClaim: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[A-Za-z0-9_.:/-]+$/)
      .optional()
      .meta(
        describe(
          'Claim with the roles of a caller, a list or a text with spaces; realm_access.roles is a claim in a claim.',
        ),
      ),
  })
  .meta(describe('Callers with a token that an issuer has signed, as a bearer token.'));

const rateLimit = z
  .object({
    requestsPerSecond: integer(1, 100_000).meta(describe('Requests of one caller that each gateway pod lets through.')),
    burst: integer(1, 1_000_000)
      .optional()
      .meta(describe('Requests at once after a pause; requestsPerSecond when absent.')),
  })
  .meta(
    describe('How often each caller may ask; more is answered 429.', {
      rule: '!has(self.burst) || self.burst >= self.requestsPerSecond',
      message: 'burst must be at least requestsPerSecond',
      fieldPath: '.burst',
    }),
  );

export const accessSchema = z
  .object({
    apiKeys: apiKeys.optional(),
    jwt: jwt.optional(),
    roles,
    rateLimit: rateLimit.optional(),
    audit: z
      .enum(['Off', 'Metadata'])
      .default('Off')
      .meta(describe('Metadata: gateway pods write a JSON line for each request; no body, no query, no key is in it.')),
  })
  .meta(
    describe(
      'Who may ask the models; everybody who reaches the Services when absent.',
      {
        rule: 'has(self.apiKeys) || has(self.jwt)',
        message: 'access needs apiKeys or jwt: without a way to know callers nobody could ask',
      },
      {
        rule: '!has(self.jwt) || has(self.jwt.roleClaim) || self.roles.size() > 0',
        message: 'set jwt.roleClaim, or roles to [Predict]: without either no token allows anything',
      },
    ),
  );
export type GatewayAccess = z.output<typeof accessSchema>;
