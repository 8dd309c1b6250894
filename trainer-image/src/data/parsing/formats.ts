// How each format of data is read: one entry per format, and nothing else here knows which there are.
import type { DataFormat } from '@sluice/crds/formats.ts';
import { CsvParser } from './csv-parser.ts';
import { JsonLinesParser } from './json-lines-parser.ts';
import type { ParserSetting, RecordParser } from './record.ts';

export const parsers: { readonly [Format in DataFormat]: (setting: ParserSetting) => RecordParser } = {
  CSV: (setting) => new CsvParser(setting),
  JSONLines: (setting) => new JsonLinesParser(setting),
};
