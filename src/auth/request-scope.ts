import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { LiveCluster } from '../hosting/live-cluster.js';
import type { Principal } from './principal.js';
import type { TenantRecord } from './tenants.port.js';

/** A request as the access guard leaves it. */
export interface ScopedRequest {
  readonly headers: { readonly authorization?: string };
  readonly params: Readonly<Record<string, string | undefined>>;
  principal?: Principal;
  tenant?: TenantRecord;
  cluster?: LiveCluster | undefined;
}

const requestOf = (context: ExecutionContext): ScopedRequest => context.switchToHttp().getRequest<ScopedRequest>();

/** Who sends the request. */
export const Caller = createParamDecorator((_data: unknown, context: ExecutionContext) => requestOf(context).principal);

/** The tenant that the path names. */
export const InTenant = createParamDecorator((_data: unknown, context: ExecutionContext) => requestOf(context).tenant);

/** The cluster that the path names. */
export const OnCluster = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => requestOf(context).cluster,
);
