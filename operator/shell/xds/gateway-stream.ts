// The stream of one gateway pod: bytes from and to its conversation, and limits on what a stranger may say.
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import { Conversation, type Heard, type Told } from '../../core/gateway/delivery/conversation.ts';
import type { Offer, XdsType } from '../../core/gateway/delivery/offer.ts';
import { typeUrls } from '../../core/gateway/envoy/source.ts';
import type { Clock } from '../../kube/clock.ts';
import { TokenBucket } from '../../kube/controller/backoff.ts';
import type { DeltaRequest, DeltaResponse, Packed } from './envoy-api.ts';
import type { PodPlace } from './offers.ts';

/** Why a stream is ended from our side. */
export type Ending = { readonly code: status; readonly details: string };

export type Call = ServerDuplexStream<DeltaRequest, DeltaResponse>;

/** Envoy answers each of our messages, and asks for the routes of each new listener. What is faster waits. */
const pace = { perSecond: 200, burst: 400 };
/** What was refused is offered again after so long: a port may be free again. */
const retryMs = 10_000;

const types = new Map(Object.entries(typeUrls).map(([type, url]) => [url as string, type as XdsType]));

export class GatewayStream {
  readonly place: PodPlace;
  readonly #call: Call;
  readonly #clock: Clock;
  readonly #conversation = new Conversation<Packed>();
  readonly #bucket = new TokenBucket(pace);
  #cancelRetry: (() => void) | undefined;
  #cancelPause: (() => void) | undefined;

  constructor({ call, place, clock }: { call: Call; place: PodPlace; clock: Clock }) {
    this.#call = call;
    this.place = place;
    this.#clock = clock;
  }

  /** There is this table for it now. */
  offer(offer: Offer<Packed>): void {
    this.#tell(this.#conversation.offer(offer));
  }

  /** Types that we have nothing of are not answered. */
  hear(request: DeltaRequest): void {
    this.#slowDown();
    const type = types.get(request.typeUrl);
    if (type) this.#tell(this.#conversation.hear(heardIn(type, request)));
    if (this.#conversation.hasRefused && this.#cancelRetry === undefined) {
      this.#cancelRetry = this.#clock.after(retryMs, () => {
        this.#cancelRetry = undefined;
        this.#tell(this.#conversation.retry());
      });
    }
  }

  /** Ends it from our side; whoever is there asks again, here or elsewhere. */
  close(why: Ending = { code: status.UNAVAILABLE, details: 'try again' }): void {
    this.#call.emit('error', why);
  }

  /** It has ended. */
  forget(): void {
    this.#cancelRetry?.();
    this.#cancelPause?.();
  }

  #tell(told: readonly Told<Packed>[]): void {
    for (const each of told) this.#call.write(responseOf(each));
  }

  /** What is said faster is read later: the connection itself holds it back. */
  #slowDown(): void {
    const waitMs = this.#bucket.reserve(this.#clock.monotonicMs());
    if (waitMs <= 0) return;
    this.#call.pause();
    this.#cancelPause?.();
    this.#cancelPause = this.#clock.after(waitMs, () => this.#call.resume());
  }
}

const heardIn = (type: XdsType, request: DeltaRequest): Heard => ({
  type,
  subscribe: request.resourceNamesSubscribe ?? [],
  unsubscribe: request.resourceNamesUnsubscribe ?? [],
  has: request.initialResourceVersions ?? {},
  nonce: request.responseNonce ?? '',
  error: request.errorDetail && (request.errorDetail.message || 'no reason given'),
});

const responseOf = ({ type, version, resources, removed, nonce, refusals }: Told<Packed>): DeltaResponse => ({
  systemVersionInfo: String(version),
  resources: resources.map((each) => ({ name: each.name, version: each.version, resource: each.body })),
  typeUrl: typeUrls[type],
  removedResources: removed,
  nonce,
  ...(refusals === undefined ? {} : { controlPlane: { identifier: refusals } }),
});
