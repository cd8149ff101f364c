import { ForbiddenException, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';

/** Operations' paths are for the machine itself: they need no token there, and are closed to everybody else. */
@Injectable()
export class LoopbackGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { socket } = context.switchToHttp().getRequest<{ readonly socket: { readonly remoteAddress?: string } }>();
    if (isLoopback(socket.remoteAddress ?? '')) return true;
    throw new ForbiddenException('this path is open to the machine itself only');
  }
}

export const isLoopback = (address: string): boolean =>
  address === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(address);
