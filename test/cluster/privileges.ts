// Decides what a node's container must be allowed to do, given what this machine itself may.
import { readFile } from 'node:fs/promises';

/** Linux capabilities by number, without the prefix CAP_ (capabilities(7)), as far as Docker 20.10 knows them. */
const names = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...['LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP'],
  ...['MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ'],
];

/** Either everything, or a list of capabilities where the machine lacks some and `--privileged` would be refused. */
export type Privileges = 'privileged' | { readonly capabilities: readonly string[] };

/** `bounding`: the hexadecimal mask CapBnd of /proc/<pid>/status. Newer capabilities are not looked at. */
export function privilegesWithin(bounding: string): Privileges {
  const mask = BigInt(`0x${bounding}`);
  const present = names.filter((_, number) => (mask >> BigInt(number)) & 1n);
  return present.length === names.length ? 'privileged' : { capabilities: present };
}

/** What this machine's first process may hand down; elsewhere than on Linux, Docker runs in a machine of its own. */
export async function availablePrivileges(): Promise<Privileges> {
  if (process.platform !== 'linux') return 'privileged';
  const bounding = /^CapBnd:\s*([0-9a-f]+)/m.exec(await readFile('/proc/1/status', 'utf8'));
  return bounding?.[1] === undefined ? 'privileged' : privilegesWithin(bounding[1]);
}
