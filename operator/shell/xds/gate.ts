// Who may open a stream, and how long it lasts: a gateway pod of ours that shows its token, until that token ends or the pod
// is gone. It then comes again with the token of that moment; strangers hear nothing but that they are none.
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { TokenHolder, TokenRefusal } from '../../core/gateway/hop/claims.ts';
import { type Clock, systemClock } from '../../kube/clock.ts';
import type { GatewayTokens } from '../hop/gateway-tokens.ts';

type Ending = { readonly code: status; readonly details: string };

/** A stream that somebody opened; nothing is read of it before he is let in. */
export type Opened = Pick<ServerDuplexStream<unknown, unknown>, 'metadata' | 'getPeer' | 'cancelled'> & {
  on(event: 'close' | 'error' | 'cancelled' | 'end', listener: () => void): unknown;
  emit(event: 'error', why: Ending): unknown;
};

/** A stream that was let in. */
export type Admitted = {
  /** The only one that it may hear of. */
  readonly namespace: string;
  /** It says something that does not go with its token. */
  refuse(reason: TokenRefusal): void;
};

export type GateOptions = {
  readonly tokens: Pick<GatewayTokens, 'admit' | 'isStill'>;
  /** Whether it can be known which pods are a gateway's. */
  isReady(): boolean;
  /** Told of each stream that was refused. @param peer address and port of who opened it. */
  onRefusal(reason: TokenRefusal, peer: string): void;
  /** Told why it could not be found out who somebody is. */
  onFailure(error: unknown): void;
  readonly clock?: Clock | undefined;
};

const stranger = { code: status.UNAUTHENTICATED, details: 'no gateway pod of this operator' };
const later = { code: status.UNAVAILABLE, details: 'try again' };
const tokenEnded = { code: status.UNAVAILABLE, details: 'the token has ended: come with the next one' };

export class Gate {
  readonly #options: GateOptions;
  readonly #clock: Clock;
  readonly #open = new Map<Opened, TokenHolder>();

  constructor(options: GateOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Calls `enter` when whoever opened the stream may hear something. */
  async admit(call: Opened, enter: (admitted: Admitted) => void): Promise<void> {
    try {
      const holder = this.#options.isReady() ? await this.#options.tokens.admit(authorizationOf(call)) : undefined;
      if (call.cancelled) return;
      if (holder === undefined) end(call, later);
      else if (typeof holder === 'string') this.#refuse(call, holder);
      else {
        this.#keep(call, holder);
        enter({ namespace: holder.namespace, refuse: (reason) => this.#refuse(call, reason) });
      }
    } catch (error) {
      this.#options.onFailure(error);
      end(call, later);
    }
  }

  /** Pods of the namespace may be gone: their streams end. */
  check(namespace: string): void {
    for (const [call, holder] of [...this.#open]) {
      if (holder.namespace === namespace && !this.#options.tokens.isStill(holder)) end(call, stranger);
    }
  }

  #refuse(call: Opened, reason: TokenRefusal): void {
    this.#options.onRefusal(reason, call.getPeer());
    end(call, stranger);
  }

  #keep(call: Opened, holder: TokenHolder): void {
    const leftMs = holder.until - this.#clock.wall().getTime();
    const cancel = this.#clock.after(leftMs, () => end(call, tokenEnded));
    const forget = () => {
      cancel();
      this.#open.delete(call);
    };
    this.#open.set(call, holder);
    for (const event of ['close', 'error', 'cancelled', 'end'] as const) call.on(event, forget);
  }
}

/** One that is sent twice is none. */
function authorizationOf({ metadata }: Pick<Opened, 'metadata'>): string | undefined {
  const [sent, ...more] = metadata.get('authorization');
  return typeof sent === 'string' && more.length === 0 ? sent : undefined;
}

const end = (call: Opened, why: Ending): void => {
  call.emit('error', why);
};
