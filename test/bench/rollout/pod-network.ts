// Loaded into the operator before its own program: the way to pods of the benchmark. They listen on loopback addresses, and
// the apiserver refuses every EndpointSlice with one, which its controller then tries again and again. So the cluster knows
// them by addresses that pods have, and only here these lead to where they listen.
import { Socket } from 'node:net';
import { loopbackOf } from './pod-addresses.ts';

const { connect } = Socket.prototype;

Socket.prototype.connect = function (this: Socket, ...given: unknown[]) {
  const [first] = given;
  const options: unknown = Array.isArray(first) ? first[0] : first;
  if (typeof options === 'object' && options !== null && 'host' in options && typeof options.host === 'string') {
    options.host = loopbackOf(options.host);
  }
  return Reflect.apply(connect, this, given);
};
