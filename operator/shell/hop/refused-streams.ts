// Counts the streams that were refused to whoever opened them, and says each kind of each stranger in the log once.
import type { TokenRefusal } from '../../core/gateway/hop/claims.ts';
import type { Log } from '../log.ts';
import type { ProcessInstruments } from '../metrics.ts';

/** In words, with what is to be done about it where it should not be. */
const sentences: Readonly<Record<TokenRefusal, string>> = {
  NoToken: 'it shows no token: no gateway of this release',
  NotOfThisCluster: 'its token was not signed by this cluster, or names another issuer',
  OtherAudience: 'its token is for somebody else',
  Expired: 'its token has ended; the kubelet should have replaced it: is the clock of its node right?',
  NotYetValid: 'its token begins in the future: is the clock of its node right?',
  OfNoPod: 'its token is of no pod',
  NoGatewayPod: 'its pod is none of a gateway, or is not known yet',
  OtherNamespace: 'it asks for another namespace than that of its token',
};

/** Beyond that strangers are forgotten, and said again. */
const mostStrangers = 1_000;

export class RefusedStreams {
  readonly #instruments: Pick<ProcessInstruments, 'count'>;
  readonly #log: Log;
  readonly #said = new Set<string>();

  constructor(instruments: Pick<ProcessInstruments, 'count'>, log: Log) {
    this.#instruments = instruments;
    this.#log = log;
  }

  /** @param peer address and port of the sender. */
  tell(reason: TokenRefusal, peer: string): void {
    this.#instruments.count('gateway_streams_refused_total', { reason });
    const stranger = `${reason} ${addressOf(peer)}`;
    if (this.#said.has(stranger)) return;
    if (this.#said.size >= mostStrangers) this.#said.clear();
    this.#said.add(stranger);
    this.#log.write('warn', `a gateway's stream was refused: ${sentences[reason]}`, { key: addressOf(peer), reason });
  }
}

const addressOf = (peer: string) => peer.replace(/:\d+$/, '');
