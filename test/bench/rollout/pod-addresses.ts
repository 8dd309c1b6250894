// Addresses by which a cluster knows pods that listen on the loopback network: the same but for the first number.
const inCluster = '10.';
const onLoopback = '127.';

const exchanged = (address: string, one: string, other: string): string =>
  address.startsWith(one) ? `${other}${address.slice(one.length)}` : address;

export const addressInCluster = (listensOn: string): string => exchanged(listensOn, onLoopback, inCluster);

export const loopbackOf = (address: string): string => exchanged(address, inCluster, onLoopback);
