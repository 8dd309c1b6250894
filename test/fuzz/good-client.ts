// A client that does nothing wrong, beside those that do: every one of its requests must be answered.
import { Agent } from 'undici';
import { goodBody, inferPath } from './place/model.ts';

export type GoodReport = {
  readonly sent: number;
  /** How requests ended that were not answered with 200: status and body, or the error. */
  readonly failures: readonly string[];
  readonly slowestMs: number;
};

const headers = { 'content-type': 'application/json' };
const mostFailures = 20;

async function ask(agent: Agent, port: number): Promise<string | undefined> {
  try {
    const origin = `http://127.0.0.1:${port}`;
    const answer = await agent.request({ origin, path: inferPath, method: 'POST', headers, body: goodBody });
    const text = await answer.body.text();
    return answer.statusCode === 200 ? undefined : `${answer.statusCode} ${text.slice(0, 200)}`;
  } catch (error) {
    return String(error);
  }
}

/** Asks until it is told to stop; the returned function tells what became of every request. */
export function startGoodClient(port: number, parallel: number): () => Promise<GoodReport> {
  const agent = new Agent({ connections: parallel });
  const failures: string[] = [];
  let [sent, slowestMs, isRunning] = [0, 0, true];
  const work = async () => {
    while (isRunning) {
      const startedMs = performance.now();
      const failure = await ask(agent, port);
      sent += 1;
      slowestMs = Math.max(slowestMs, performance.now() - startedMs);
      if (failure !== undefined && failures.length < mostFailures) failures.push(failure);
    }
  };
  const workers = Array.from({ length: parallel }, work);
  return async () => {
    isRunning = false;
    await Promise.all(workers);
    await agent.close();
    return { sent, failures, slowestMs };
  };
}
