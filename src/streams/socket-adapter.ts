import { IoAdapter } from '@nestjs/platform-socket.io';

/** The path of Socket.IO on the HTTP door. */
export const SOCKET_PATH = '/socket.io/';
/** Clients only subscribe: what they send is small. */
const MESSAGE_BYTES_MAX = 64 * 1024;

type Options = NonNullable<Parameters<IoAdapter['createIOServer']>[1]>;

/** Socket.IO on the server's own door. Upgrades that are not its own it leaves to the door's dispatcher. */
export class SocketAdapter extends IoAdapter {
  override createIOServer(port: number, options?: Options): ReturnType<IoAdapter['createIOServer']> {
    const own = { destroyUpgrade: false, serveClient: false, maxHttpBufferSize: MESSAGE_BYTES_MAX };
    return super.createIOServer(port, { ...options, ...own } as Options);
  }
}
