// The keys with which the apiserver signs tokens, and its name as their issuer, from where it publishes both for whoever is
// to check tokens. By default each ServiceAccount may read that: it is no right of ours, and no call for each token.
import { compactVerify, createLocalJWKSet, errors } from 'jose';
import { z } from 'zod';
import { type Clock, systemClock } from '../../kube/clock.ts';
import type { Transport } from '../../kube/transport/transport.ts';

/** A token of an unknown key may be of a new one: it is looked for, and not more often than this. */
const askAgainMs = 5_000;

/** Those that apiservers sign with; none that a published key is enough for. */
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];

/** The apiserver answers each in its own type only. */
const publishedAt = {
  discovery: { path: '/.well-known/openid-configuration', accept: 'application/json' },
  keys: { path: '/openid/v1/jwks', accept: 'application/jwk-set+json' },
} as const;

const discoverySchema = z.object({ issuer: z.string().min(1) });
const keysSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });
const issuedSchema = z.looseObject({ iss: z.string() });

type Published = { readonly issuer: string; readonly keyOf: ReturnType<typeof createLocalJWKSet> };

export class ClusterKeys {
  readonly #transport: Pick<Transport, 'request'>;
  readonly #clock: Clock;
  #published: Published | undefined;
  #asked: { readonly answer: Promise<Published>; readonly atMs: number } | undefined;

  constructor(transport: Pick<Transport, 'request'>, clock: Clock = systemClock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /**
   * The claims of a token that this cluster signed; undefined when it did not.
   * @throws ApiError, NetworkError when the keys cannot be read: then nobody can say whose token it is.
   */
  async claimsOf(token: string): Promise<object | undefined> {
    const known = this.#published;
    const claims = known && (await claimsBy(known, token));
    if (claims !== undefined) return claims;
    const published = await this.#ask();
    return published === known ? undefined : claimsBy(published, token);
  }

  /** Everybody who asks within some seconds gets the same answer, also when there was none. */
  #ask(): Promise<Published> {
    const nowMs = this.#clock.monotonicMs();
    if (!this.#asked || nowMs - this.#asked.atMs >= askAgainMs) this.#asked = { answer: this.#read(), atMs: nowMs };
    return this.#asked.answer;
  }

  async #read(): Promise<Published> {
    const [discovery, keys] = await Promise.all(
      Object.values(publishedAt).map((each) => this.#transport.request({ method: 'GET', deadline: 'read', ...each })),
    );
    const { issuer } = discoverySchema.parse(discovery);
    const keyOf = createLocalJWKSet(keysSchema.parse(keys));
    // What was read before stays while there is no newer answer.
    this.#published = { issuer, keyOf };
    return this.#published;
  }
}

async function claimsBy({ issuer, keyOf }: Published, token: string): Promise<object | undefined> {
  try {
    const { payload } = await compactVerify(token, keyOf, { algorithms });
    const { data } = issuedSchema.safeParse(JSON.parse(Buffer.from(payload).toString('utf8')));
    return data?.iss === issuer ? data : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
