// Tells gateway pods what the routing table of their namespace means: one gRPC stream for each, on which only what changed
// is sent. Any replica of the operator does that, none with an older table than the gateway has, over TLS and to nobody else.
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { systemClock } from '../../kube/clock.ts';
import type { Identity } from '../hop/identity.ts';
import { deltaMethod } from './envoy-api.ts';
import type { Gate } from './gate.ts';
import type { Call } from './gateway-stream.ts';
import { Streams, type StreamsOptions } from './streams.ts';

const limits = {
  // An Envoy names its extensions once, some 40 KiB, and at the beginning of a stream every resource that it has.
  'grpc.max_receive_message_length': 1_048_576,
  'grpc.max_concurrent_streams': 8,
  // A gateway pod that is gone without a word is forgotten.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.max_connection_idle_ms': 60_000,
};

export type XdsOptions = Omit<StreamsOptions, 'clock'> & {
  readonly port: number;
  /** What it shows whoever opens a stream. */
  readonly identity: Identity;
  /** Who is let in. */
  readonly gate: Gate;
  /** Calls `changed` for each namespace whose table may be another one, until the returned function is called. */
  watchTables(changed: (namespace: string) => void): () => void;
  readonly clock?: StreamsOptions['clock'] | undefined;
};

export type XdsServer = {
  readonly port: number;
  /** Ends every stream at once: gateways go on with what they have, and ask another replica. */
  close(): void;
};

/** Starts listening. */
export async function startXdsServer(options: XdsOptions): Promise<XdsServer> {
  const streams = new Streams({ ...options, clock: options.clock ?? systemClock });
  const server = new Server(limits);
  server.addService(
    { deltaAggregatedResources: deltaMethod },
    {
      deltaAggregatedResources: (call: Call) => {
        void options.gate.admit(call, (admitted) => streams.accept(call, admitted));
      },
    },
  );
  const port = await listen(server, options);
  const end = options.watchTables((namespace) => streams.tell(namespace));
  return {
    port,
    close: () => {
      end();
      server.forceShutdown();
    },
  };
}

/** On every address of both families, where the machine has both. */
async function listen(server: Server, { port, identity }: Pick<XdsOptions, 'port' | 'identity'>): Promise<number> {
  try {
    return await bind(server, `[::]:${port}`, identity);
  } catch (error) {
    if (!String(error).includes('EAFNOSUPPORT')) throw error;
    return bind(server, `0.0.0.0:${port}`, identity);
  }
}

const bind = (server: Server, address: string, { certificate, key }: Identity): Promise<number> =>
  new Promise((resolve, reject) => {
    const shown = { cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) };
    server.bindAsync(address, ServerCredentials.createSsl(null, [shown]), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
