// The gate as the operator has it: gateway pods are known by the caches, keys by the apiserver, refusals are counted and said.
import type { Transport } from '../../kube/transport/transport.ts';
import type { Caches } from '../caches.ts';
import { ClusterKeys } from '../hop/cluster-keys.ts';
import { GatewayTokens } from '../hop/gateway-tokens.ts';
import { RefusedStreams } from '../hop/refused-streams.ts';
import { errorFields, type Log } from '../log.ts';
import type { ProcessInstruments } from '../metrics.ts';
import { gatewayPodsOf } from '../observe/owned-pods.ts';
import { Gate } from './gate.ts';

export type GateParts = {
  readonly caches: Caches;
  readonly transport: Pick<Transport, 'request'>;
  readonly instruments: ProcessInstruments;
  readonly log: Log;
  /** Whether every cache has its first list. */
  isSynced(): boolean;
};

export function gatewayGate({ caches, transport, instruments, log, isSynced }: GateParts): Gate {
  const refused = new RefusedStreams(instruments, log);
  const gate = new Gate({
    tokens: new GatewayTokens({
      keys: new ClusterKeys(transport),
      isGatewayPod: (namespace, uid) => gatewayPodsOf(caches, namespace).some(({ metadata }) => metadata.uid === uid),
    }),
    isReady: isSynced,
    onRefusal: (reason, peer) => refused.tell(reason, peer),
    onFailure: (error) => log.write('warn', 'who asks for routes could not be found out', errorFields(error)),
  });
  caches.pods.subscribe(({ object }) => gate.check(object.metadata.namespace ?? ''));
  return gate;
}
