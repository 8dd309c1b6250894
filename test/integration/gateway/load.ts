// Constant load on one address: so many requests at a time, each answer counted, until it is told to stop.
import { Agent } from 'undici';

export type LoadReport = {
  /** Answers by `<status> <body>`; requests that got none by their error. */
  readonly answers: ReadonlyMap<string, number>;
  readonly sent: number;
};

/** @returns a function that stops the load and tells how every single request ended. */
export function startLoad(
  url: string,
  parallel: number,
  headers: Readonly<Record<string, string>> = {},
): () => Promise<LoadReport> {
  const agent = new Agent({ connections: parallel });
  const answers = new Map<string, number>();
  let isRunning = true;
  const send = async (): Promise<string> => {
    try {
      const { origin, pathname } = new URL(url);
      const { statusCode, body } = await agent.request({ origin, path: pathname, method: 'POST', headers, body: '{}' });
      return `${statusCode} ${await body.text()}`;
    } catch (error) {
      return String(error);
    }
  };
  const work = async () => {
    while (isRunning) {
      const answer = await send();
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  };
  const workers = Array.from({ length: parallel }, work);
  return async () => {
    isRunning = false;
    await Promise.all(workers);
    await agent.close();
    return { answers, sent: [...answers.values()].reduce((sum, count) => sum + count, 0) };
  };
}
