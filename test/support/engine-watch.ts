import { clusterAdministrator } from '../../src/engine/machinery/user.js';
import { textCodec, type createApiHarness, type Json } from './engine-harness.js';

/** A watch that stays open: what has come of it is asked for at any time. */
export interface OpenWatch {
  readonly events: () => readonly Json[];
  /** Each event as `ADDED name`. */
  readonly summary: () => readonly string[];
  readonly isOver: () => boolean;
}

export function openWatch(
  { server }: Pick<ReturnType<typeof createApiHarness>, 'server'>,
  pathAndQuery: string,
  headers: Readonly<Record<string, string>> = {},
): OpenWatch {
  const [path = '', query = ''] = pathAndQuery.split('?', 2);
  const chunks: string[] = [];
  let isOver = false;
  server.handle(
    { method: 'GET', path, query: `watch=1&${query}`, headers, body: new Uint8Array(), user: clusterAdministrator },
    {
      respond: ({ status, body }) => {
        throw new Error(`${pathAndQuery}: ${status} ${body.map((part) => textCodec.decode(part)).join('')}`);
      },
      stream: () => ({
        write: (chunk) => void chunks.push(textCodec.decode(chunk)),
        end: () => {
          isOver = true;
        },
      }),
    },
  );
  const events = (): readonly Json[] =>
    chunks
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Json);
  return {
    events,
    summary: () => events().map(({ type, object }) => `${type} ${object.metadata.name}`),
    isOver: () => isOver,
  };
}
