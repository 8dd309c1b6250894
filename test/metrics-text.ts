// Reads the text format of Prometheus as far as benchmark and demo need it.

/** Values by name and labels, as they stand in the text: `name{label="x"}`. */
export function parseMetrics(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))] as const;
    }),
  );
}

/** The sum of all series of a metric whose labels hold every one of `labels`, written as `name="value"`. */
export function sumOf(metrics: ReadonlyMap<string, number>, name: string, ...labels: readonly string[]): number {
  let sum = 0;
  for (const [series, value] of metrics) {
    const [own = ''] = series.split('{', 1);
    if (own === name && labels.every((label) => series.includes(label))) sum += value;
  }
  return sum;
}
