// What a process has used, from /proc: memory that is resident, and seconds of processor time. Linux only.
import { readFile } from 'node:fs/promises';

/** Ticks a second in /proc/PID/stat: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** @throws Error when there is no such process. */
export async function residentMiB(pid: number): Promise<number> {
  return parseResidentMiB(await readFile(`/proc/${pid}/status`, 'utf8'));
}

/** User and system time of all threads since the process began. */
export async function processorSeconds(pid: number): Promise<number> {
  return parseProcessorSeconds(await readFile(`/proc/${pid}/stat`, 'utf8'));
}

export function parseResidentMiB(status: string): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  if (kibibytes === undefined) throw new Error('/proc/PID/status has no VmRSS: the process has ended.');
  return Number(kibibytes) / 1024;
}

/** The program's name, in parentheses, may hold spaces: fields are counted behind it. */
export function parseProcessorSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  if (Number.isNaN(user + system)) throw new Error('/proc/PID/stat is not as proc(5) says.');
  return (user + system) / ticksPerSecond;
}
