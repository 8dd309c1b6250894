// The command line of every script of package.json: --help says what it does and does nothing, and what is wrong is said in
// one line. A script describes its options once; usage and parsing are made of that.
import { type ParseArgsOptionDescriptor, parseArgs } from 'node:util';

/** An option as `parseArgs` takes it, and what a reader of the usage is told. */
export type Option = ParseArgsOptionDescriptor & {
  readonly help: string;
  /** What stands for the value in the usage. */
  readonly value?: string;
  /** @returns what is wrong with a value, e.g. `must be a whole number`. */
  readonly check?: (text: string) => string | undefined;
};
type Options = Readonly<Record<string, Option>>;

/** What a script takes. */
export interface Command<O extends Options> {
  /** As it is typed, e.g. `npm run faults --`. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** What may stand without an option, line by line; nothing when absent. */
  readonly words?: { readonly name: string; readonly help: readonly (readonly [word: string, meaning: string])[] };
  readonly options: O;
}

const helpOption = { help: { type: 'boolean', short: 'h', help: 'say this, and do nothing' } } as const;

type Parsed<O extends Options> = ReturnType<typeof parseArgs<{ options: O; allowPositionals: true }>>;

/** What a command line asks for. */
export type Reading<O extends Options> =
  | { readonly type: 'Help'; readonly text: string }
  | { readonly type: 'Wrong'; readonly message: string }
  | ({ readonly type: 'Given' } & Pick<Parsed<O>, 'values' | 'positionals'>);

/** The usage that `--help` prints. */
export function usageOf<O extends Options>({ name, summary, words, options }: Command<O>): string {
  const lines = Object.entries({ ...options, ...helpOption }).map(([long, option]: [string, Option]) => {
    const flag = option.short === undefined ? `--${long}` : `-${option.short}, --${long}`;
    const standard = typeof option.default === 'string' ? ` (default ${option.default})` : '';
    return [option.value === undefined ? flag : `${flag} ${option.value}`, `${option.help}${standard}`] as const;
  });
  const rows = [...(words?.help ?? []), ...lines];
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const told = rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
  return [`Usage: ${name}${words ? ` ${words.name}` : ''} [options]`, summary, ...told].join('\n');
}

/** Reads a command line. An option that is not known, or has a bad value, is wrong; so is a word where none may stand. */
export function parseCommandLine<O extends Options>(command: Command<O>, args: readonly string[]): Reading<O> {
  const { options, words } = command;
  if (args.some((each) => each === '--help' || each === '-h')) return { type: 'Help', text: usageOf(command) };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: words !== undefined });
    const wrong = Object.entries(options).flatMap(([long, { check }]) => {
      const value = Reflect.get(values, long);
      const problem = typeof value === 'string' ? check?.(value) : undefined;
      return problem === undefined ? [] : [`--${long} ${value}: ${problem}`];
    });
    return wrong[0] === undefined ? { type: 'Given', values, positionals } : { type: 'Wrong', message: wrong[0] };
  } catch (error) {
    return { type: 'Wrong', message: messageOf(error) };
  }
}

/** What `parseArgs` says, without how a word that begins with a dash is to be written. @throws any other error. */
function messageOf(error: unknown): string {
  const isNamed = typeof error === 'object' && error !== null && 'code' in error && 'message' in error;
  if (!isNamed || !String(error.code).startsWith('ERR_PARSE_ARGS')) throw error;
  return String(error.message).split('. ')[0] ?? '';
}

/** What the process was asked for. It ends here when that was help (exit code 0) or cannot be read (2). */
export function readCommandLine<O extends Options>(command: Command<O>) {
  const reading = parseCommandLine(command, process.argv.slice(2));
  if (reading.type === 'Help') {
    console.log(reading.text);
    process.exit(0);
  }
  if (reading.type === 'Wrong') refuse(command, reading.message);
  return reading;
}

/** Ends the process: what was asked for cannot be done, and why. */
export function refuse({ name }: Pick<Command<Options>, 'name'>, message: string): never {
  console.error(`${message}; see ${name} --help`);
  process.exit(2);
}

/** A check of an option's value. */
export const wholeNumber =
  (minimum = 1) =>
  (text: string): string | undefined =>
    Number.isSafeInteger(Number(text)) && Number(text) >= minimum && text.trim() !== ''
      ? undefined
      : `must be a whole number of at least ${minimum}`;
