// Lets gateway pods in: what they are told of their namespace is told to nobody else. The pod that the token was made for
// must be one that the caches know as a gateway pod of that namespace, by its owners.
import { judgeClaims, type TokenHolder, type TokenRefusal } from '../../core/gateway/hop/claims.ts';
import { type Clock, systemClock } from '../../kube/clock.ts';
import type { ClusterKeys } from './cluster-keys.ts';

export type TokenOptions = {
  readonly keys: Pick<ClusterKeys, 'claimsOf'>;
  /** Whether the pod is one of the gateway of its namespace. */
  isGatewayPod(namespace: string, uid: string): boolean;
  readonly clock?: Clock | undefined;
};

/** A token that was read. Of a fleet of gateways each has one; a stranger's are not kept. */
const keptTokens = 4_096;

export class GatewayTokens {
  readonly #options: TokenOptions;
  readonly #clock: Clock;
  /** By token: a signature is checked once. */
  readonly #holders = new Map<string, TokenHolder>();

  constructor(options: TokenOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Whose token it is, or why it lets nobody in.
   * @param authorization the header, as it came.
   * @throws ApiError, NetworkError while the cluster's keys cannot be read.
   */
  async admit(authorization: string | undefined): Promise<TokenHolder | TokenRefusal> {
    const [, token] = /^Bearer (\S+)$/.exec(authorization ?? '') ?? [];
    if (token === undefined) return 'NoToken';
    const holder = this.#known(token) ?? (await this.#judged(token));
    if (typeof holder === 'string') return holder;
    if (!this.#options.isGatewayPod(holder.namespace, holder.pod.uid)) return 'NoGatewayPod';
    return holder;
  }

  /** Whether a pod that was let in may go on hearing: until its token ends, or it is gone. */
  isStill({ namespace, pod, until }: TokenHolder): boolean {
    return this.#clock.wall().getTime() < until && this.#options.isGatewayPod(namespace, pod.uid);
  }

  #known(token: string): TokenHolder | undefined {
    const holder = this.#holders.get(token);
    if (holder && this.#clock.wall().getTime() < holder.until) return holder;
    this.#holders.delete(token);
    return undefined;
  }

  async #judged(token: string): Promise<TokenHolder | TokenRefusal> {
    const claims = await this.#options.keys.claimsOf(token);
    if (claims === undefined) return 'NotOfThisCluster';
    const judged = judgeClaims(claims, this.#clock.wall().getTime());
    if (typeof judged === 'string') return judged;
    if (this.#holders.size >= keptTokens) this.#holders.clear();
    this.#holders.set(token, judged);
    return judged;
  }
}
