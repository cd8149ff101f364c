import { io, type Socket } from 'socket.io-client';
import { ADMIN_TOKEN, type TestServer } from './server.js';
import type { AnyObject } from './test-cluster.js';

const ACKNOWLEDGED_MS_MAX = 10_000;

/** One event, as short as it can be told apart from every other. */
export type Seen = readonly [type: string, name: string, resourceVersion: string];

/** What one subscription has been told up to now. */
export interface Subscription {
  readonly id: string;
  readonly events: readonly Seen[];
  readonly bookmarks: readonly { readonly resourceVersion: string }[];
  readonly errors: readonly { readonly code: number; readonly message: string }[];
}

/** A connection to `/watch` over WebSocket that stays down when it breaks. The caller disconnects it. */
export async function connectToWatch({ httpUrl }: Pick<TestServer, 'httpUrl'>, token = ADMIN_TOKEN): Promise<Socket> {
  const options = { auth: { token }, transports: ['websocket'], forceNew: true, reconnection: false };
  const socket = io(`${httpUrl}/watch`, options);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', (error) => {
      socket.disconnect();
      reject(error);
    });
  });
  return socket;
}

/** @throws Error whose message is the JSON of the refusal */
export async function subscribe(socket: Socket, body: Readonly<Record<string, string>>): Promise<Subscription> {
  const events: Seen[] = [];
  const bookmarks: { subscription: string; resourceVersion: string }[] = [];
  const errors: { subscription: string; code: number; message: string }[] = [];
  let id: string | undefined;
  // Events may come in one go with the acknowledgement, before the code after it runs: until then all are kept.
  const isOwn = (subscription: string): boolean => id === undefined || subscription === id;
  socket.on('event', ({ subscription, type, object }: { subscription: string; type: string; object: AnyObject }) => {
    if (isOwn(subscription)) events.push([type, object.metadata.name, object.metadata.resourceVersion]);
  });
  socket.on('bookmark', (bookmark: (typeof bookmarks)[number]) => {
    if (isOwn(bookmark.subscription)) bookmarks.push(bookmark);
  });
  socket.on('error', (error: (typeof errors)[number]) => {
    if (isOwn(error.subscription)) errors.push(error);
  });
  const answer = (await socket.timeout(ACKNOWLEDGED_MS_MAX).emitWithAck('subscribe', body)) as {
    subscription?: string;
    error?: { code: number; message: string };
  };
  id = answer.subscription;
  if (id === undefined) throw new Error(JSON.stringify(answer.error));
  return { id, events, bookmarks, errors };
}
