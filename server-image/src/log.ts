// One JSON line per event on standard output. Requests are counted in the metrics, not logged.

export type LogFields = { readonly [name: string]: string | number | boolean };

/** `message` is a sentence for people; numbers and names go into `fields`. */
export function log(level: 'info' | 'warn' | 'error', message: string, fields: LogFields = {}): void {
  console.log(JSON.stringify({ time: new Date().toISOString(), level, message, ...fields }));
}
