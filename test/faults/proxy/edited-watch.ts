// Passes a watch on, chunk by chunk while nothing is wrong with it, line by line while an event rule or a freeze says so.
import { type EventRule, readWatchLine, type WatchLine } from './rules.ts';

/** What shall happen to the lines of one stream. */
export interface WatchEdits {
  /** Whether lines must be looked at now. */
  isEdited(): boolean;
  /** Resolves when the event may be told. */
  passable(event: WatchLine): Promise<void>;
  editFor(event: WatchLine): EventRule['edit'] | 'pass';
}

const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

/** Yields what the client shall see of `chunks`. Without edits each chunk is passed on as it came. */
export async function* editedWatch(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  edits: WatchEdits,
): AsyncGenerator<Buffer> {
  const lines = new LineEditor(edits);
  let isAtLineStart = true;
  for await (const chunk of chunks) {
    const lineStart = isAtLineStart ? 0 : chunk.indexOf(NEWLINE) + 1;
    const isUntouched = !lines.isBusy && (!edits.isEdited() || (lineStart === 0 && !isAtLineStart));
    if (isUntouched) {
      isAtLineStart = chunk.at(-1) === NEWLINE;
      yield chunk;
      continue;
    }
    if (lineStart > 0) yield chunk.subarray(0, lineStart);
    isAtLineStart = true;
    yield* lines.take(chunk.subarray(lineStart));
  }
  yield* lines.rest();
}

/** Keeps the beginning of a line until its end comes, and an event that was postponed. */
class LineEditor {
  readonly #edits: WatchEdits;
  #partial: Buffer = NOTHING;
  #postponed: Buffer | undefined;

  constructor(edits: WatchEdits) {
    this.#edits = edits;
  }

  /** Whether something is kept back, so that what follows must come through here. */
  get isBusy(): boolean {
    return this.#partial.length > 0 || this.#postponed !== undefined;
  }

  async *take(chunk: Buffer): AsyncGenerator<Buffer> {
    let pending = Buffer.concat([this.#partial, chunk]);
    for (let end = pending.indexOf(NEWLINE); end >= 0; end = pending.indexOf(NEWLINE)) {
      const line = pending.subarray(0, end + 1);
      pending = pending.subarray(end + 1);
      yield* this.#tell(line);
    }
    this.#partial = pending;
  }

  *rest(): Generator<Buffer> {
    if (this.#postponed !== undefined) yield this.#postponed;
    if (this.#partial.length > 0) yield this.#partial;
  }

  async *#tell(line: Buffer): AsyncGenerator<Buffer> {
    const event = readWatchLine(line.toString('utf8'));
    await this.#edits.passable(event);
    const edit = this.#edits.editFor(event);
    if (edit === 'drop') return;
    if (edit === 'postpone' && this.#postponed === undefined) {
      this.#postponed = Buffer.from(line);
      return;
    }
    yield line;
    if (edit === 'duplicate') yield line;
    if (this.#postponed !== undefined && event.type !== 'BOOKMARK') {
      yield this.#postponed;
      this.#postponed = undefined;
    }
  }
}
