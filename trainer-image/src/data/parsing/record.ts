// One row of a file before it is known what its columns are: texts and where it stands.
import type { SourceFile } from '../source-file.ts';

/** A value as the file has it; null where it has none. */
export type Cell = string | null;

export type FileRow = {
  /** The line on which the row begins, from 1. */
  readonly line: number;
  /** By column; shorter than the columns where the row ends before them. */
  readonly cells: readonly Cell[];
};

/** Takes the text of a file piece by piece and hands over its rows; throws `DataError` for what is no row. */
export type RecordParser = {
  /** Names of the columns that were seen so far, in their order. */
  readonly names: readonly string[];
  push(text: string): void;
  end(): void;
};

export type ParserSetting = {
  readonly source: SourceFile;
  readonly onRow: (row: FileRow) => void;
};
