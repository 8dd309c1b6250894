// The streams of all gateway pods, by namespace: who may open one, and whom a table concerns.
import { status } from '@grpc/grpc-js';
import { z } from 'zod';
import { mountedIn, nodeMetadataSchema } from '../../core/gateway/access/pods.ts';
import type { RoutingTable } from '../../core/gateway/routes.ts';
import type { Clock } from '../../kube/clock.ts';
import type { DeltaRequest } from './envoy-api.ts';
import type { Admitted } from './gate.ts';
import { type Call, type Ending, GatewayStream } from './gateway-stream.ts';
import { Offers } from './offers.ts';

/** No gateway has as many pods; what is more is somebody else. */
const maxStreamsOfNamespace = 64;
const maxStreams = 4096;
/** Whoever opens a stream says soon who he is. */
const firstWordMs = 10_000;

const noGateway = { code: status.NOT_FOUND, details: 'no such gateway' };
const tooMany = { code: status.RESOURCE_EXHAUSTED, details: 'too many streams' };
const silent = { code: status.DEADLINE_EXCEEDED, details: 'nothing was asked' };
const notUnderstood = { code: status.INVALID_ARGUMENT, details: 'not understood' };

/** What a gateway pod says of itself: its namespace, and which Secrets it has. */
const placeSchema = z
  .object({ cluster: z.string(), metadata: nodeMetadataSchema.optional() })
  .transform(({ cluster, metadata }) => ({ namespace: cluster, mounted: mountedIn(metadata) }));

export type StreamsOptions = {
  readonly clusterDomain: string;
  readonly hasIpv6: boolean;
  /** The persisted table of a namespace. */
  tableOf(namespace: string): RoutingTable | undefined;
  /** Told of what could not be answered. */
  onFailure(error: unknown): void;
  readonly clock: Clock;
};

export class Streams {
  readonly #options: StreamsOptions;
  readonly #offers: Offers;
  readonly #open = new Map<string, Set<GatewayStream>>();
  #count = 0;

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#offers = new Offers(options);
  }

  /** The first word says of which namespace it is: of the one that its token names. */
  accept(call: Call, admitted: Admitted): void {
    this.#count += 1;
    let stream: GatewayStream | undefined;
    const cancel = this.#options.clock.after(firstWordMs, () => call.emit('error', silent));
    const end = onceEnded(call, () => {
      cancel();
      this.#count -= 1;
      if (stream) this.#forget(stream);
    });
    if (this.#count > maxStreams) {
      end(tooMany);
      return;
    }
    call.on('data', (request: DeltaRequest) => {
      if (end.hasEnded()) return;
      cancel();
      this.#safely(end, () => {
        stream ??= this.#join({ call, admitted, end }, request);
        stream?.hear(request);
      });
    });
  }

  /** The table of the namespace may be another one. */
  tell(namespace: string): void {
    const streams = this.#open.get(namespace);
    if (!streams) return;
    const table = this.#options.tableOf(namespace);
    for (const stream of [...streams]) {
      const end = (why: Ending) => stream.close(why);
      if (!table) end(noGateway);
      else this.#safely(end, () => stream.offer(this.#offers.of(stream.place, table)));
    }
  }

  #join({ call, admitted, end }: Opened, { node }: DeltaRequest): GatewayStream | undefined {
    const { namespace, mounted } = placeSchema.parse(node);
    if (namespace !== admitted.namespace) {
      admitted.refuse('OtherNamespace');
      return undefined;
    }
    const table = this.#options.tableOf(namespace);
    const others = this.#open.get(namespace) ?? new Set();
    if (!table || others.size >= maxStreamsOfNamespace) {
      end(table ? tooMany : noGateway);
      return undefined;
    }
    const stream = new GatewayStream({ call, place: { namespace, mounted }, clock: this.#options.clock });
    this.#open.set(namespace, others.add(stream));
    stream.offer(this.#offers.of(stream.place, table));
    return stream;
  }

  #forget(stream: GatewayStream): void {
    stream.forget();
    const { namespace } = stream.place;
    const streams = this.#open.get(namespace);
    streams?.delete(stream);
    if (streams?.size !== 0) return;
    this.#open.delete(namespace);
    this.#offers.forget(namespace);
  }

  #safely(end: (why: Ending) => void, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.onFailure(error);
      end(notUnderstood);
    }
  }
}

/** A stream of somebody who was let in. */
type Opened = { readonly call: Call; readonly admitted: Admitted; end(why: Ending): void };

type End = ((why: Ending) => void) & { hasEnded(): boolean };

/** @returns what ends the call from our side; `whenOver` is called once, whoever ends it. */
function onceEnded(call: Call, whenOver: () => void): End {
  let isOver = false;
  const over = () => {
    if (isOver) return;
    isOver = true;
    whenOver();
  };
  call.on('error', over);
  call.on('cancelled', over);
  call.on('close', over);
  call.on('end', () => {
    over();
    call.end();
  });
  const end = (why: Ending) => {
    if (!isOver) call.emit('error', why);
  };
  return Object.assign(end, { hasEnded: () => isOver });
}
