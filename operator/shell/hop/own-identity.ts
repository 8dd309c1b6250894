// How a replica comes to the operator's identity, and to the next one. The kubelet mounts the Secret that holds it; where there
// is none yet, it is created. Nothing is read from the apiserver, for that the operator has no right: who finds that another
// replica was first waits until the kubelet shows what that one made.
import { type Clock, sleep, systemClock } from '../../kube/clock.ts';
import { isAlreadyExists } from '../../kube/errors.ts';
import { endOf, type Identity, newIdentity, readIdentity } from './identity.ts';
import { type IdentitySecret, identitySecret, secretOf } from './identity-secret.ts';

const lookAgainMs = 2_000;
/** How often a running operator looks whether the Secret is another one. */
const watchEveryMs = 10_000;
/** So many certificates besides its own a replica tells of: the newest ones. */
const knownOthers = 2;
/** The leader makes the next one when so much is left of one. */
const renewBeforeMs = 730 * 86_400_000;
/** Until then the kubelet has shown it to every replica, or it is made anew. */
const renewAgainMs = 600_000;
/** Gateways know the next one long before then: a replica ends, and starts anew with it. */
const takeOverMs = 3_600_000;

export type IdentityOptions = {
  /** Where the Secret is mounted. Absent outside of a pod: then each process has an identity of its own. */
  readonly directory: string | undefined;
  readonly secret: IdentitySecret;
  readonly namespace: string;
  onTrouble(what: string, error: unknown): void;
  readonly clock?: Clock | undefined;
};

export class OwnIdentity {
  readonly #options: IdentityOptions;
  readonly #clock: Clock;
  #identity: Identity | undefined;
  /** Certificates that any replica may show; its own is the first. */
  #known: readonly string[] = [];
  #onChange = () => {};
  #renewedMs = Number.NEGATIVE_INFINITY;
  #replacedMs: number | undefined;

  constructor(options: IdentityOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** What this replica shows; undefined until `obtain` has resolved. */
  get current(): Identity | undefined {
    return this.#identity;
  }

  /** PEM of all certificates that gateways are to know. */
  certificates(): string {
    return this.#known.join('');
  }

  /** Told when gateways are to know others. */
  onChange(told: () => void): void {
    this.#onChange = told;
  }

  /** Resolves once there is an identity, or `signal` aborts. */
  async obtain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const found = (await this.#mounted()) ?? (await this.#made());
      if (found) {
        this.#identity = found;
        this.#learn(found);
        return;
      }
      await sleep(this.#clock, lookAgainMs, signal);
    }
  }

  /**
   * Watches the Secret: it is made anew long before its end, or after somebody deleted it, and gateways are to know both.
   * Resolves when the replica is to end and start anew with the next one, or `signal` aborts.
   */
  async untilReplaced(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const mounted = await this.#mounted();
      if (mounted) await this.#look(mounted);
      if (this.#replacedMs !== undefined && this.#clock.monotonicMs() - this.#replacedMs >= takeOverMs) return;
      await sleep(this.#clock, watchEveryMs, signal);
    }
  }

  async #look(mounted: Identity): Promise<void> {
    const { secret } = this.#options;
    const nowMs = this.#clock.monotonicMs();
    if (!this.#known.includes(mounted.certificate)) {
      this.#learn(mounted);
      this.#replacedMs = nowMs;
    }
    const isEnding = endOf(mounted).getTime() - this.#clock.wall().getTime() < renewBeforeMs;
    if (!isEnding || !secret.mayReplace() || nowMs - this.#renewedMs < renewAgainMs) return;
    this.#renewedMs = nowMs;
    await this.#renew();
  }

  #learn({ certificate }: Identity): void {
    const [own = certificate, ...others] = this.#known;
    this.#known = [...new Set([own, ...others.slice(1 - knownOthers), certificate])];
    this.#onChange();
  }

  async #mounted(): Promise<Identity | undefined> {
    const { directory, onTrouble } = this.#options;
    if (directory === undefined) return undefined;
    try {
      return await readIdentity(directory);
    } catch (error) {
      onTrouble(`the Secret ${identitySecret} cannot be used: delete it, then the operator's pods`, error);
      return undefined;
    }
  }

  async #made(): Promise<Identity | undefined> {
    const { directory, namespace, secret, onTrouble } = this.#options;
    const identity = newIdentity(this.#clock.wall());
    if (directory === undefined) return identity;
    try {
      await secret.create(secretOf(identity, namespace));
      return identity;
    } catch (error) {
      if (!isAlreadyExists(error)) onTrouble(`the Secret ${identitySecret} could not be created`, error);
      return undefined;
    }
  }

  async #renew(): Promise<void> {
    const { namespace, secret, onTrouble } = this.#options;
    try {
      await secret.replace(secretOf(newIdentity(this.#clock.wall()), namespace));
    } catch (error) {
      onTrouble(`the Secret ${identitySecret} could not be made anew`, error);
    }
  }
}
