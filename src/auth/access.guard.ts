import { Inject, Injectable, NotFoundException, UnauthorizedException } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { ClusterHost } from '../hosting/cluster-host.js';
import { Authenticator, bearerToken } from './authenticator.js';
import { mayReachTenant } from './principal.js';
import type { ScopedRequest } from './request-scope.js';
import type { TenantRecords } from './tenants.port.js';
import { TENANT_RECORDS } from './tokens.js';

/**
 * Lets a management request in, and finds the tenant and the cluster that its path names. Whoever may not see a tenant
 * gets the same answer as for one that does not exist. A kubeconfig's token opens no management path.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #authenticator: Authenticator;
  readonly #tenants: TenantRecords;
  readonly #host: ClusterHost;

  constructor(authenticator: Authenticator, @Inject(TENANT_RECORDS) tenants: TenantRecords, host: ClusterHost) {
    this.#authenticator = authenticator;
    this.#tenants = tenants;
    this.#host = host;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<ScopedRequest>();
    const principal = await this.#authenticator.authenticate(bearerToken(request.headers.authorization));
    if (principal === undefined || principal.type === 'cluster' || principal.type === 'user') {
      throw new UnauthorizedException('a valid bearer token is required');
    }
    request.principal = principal;
    const { tenant: tenantName, cluster: clusterName } = request.params;
    if (tenantName === undefined) return true;
    const tenant = await this.#tenants.find(tenantName);
    if (tenant === undefined || !mayReachTenant(principal, tenant.id)) {
      throw new NotFoundException(`there is no tenant ${JSON.stringify(tenantName)}`);
    }
    request.tenant = tenant;
    if (clusterName === undefined) return true;
    request.cluster = this.#host.find(tenant.name, clusterName);
    if (request.cluster === undefined) {
      throw new NotFoundException(`tenant "${tenant.name}" has no cluster ${JSON.stringify(clusterName)}`);
    }
    return true;
  }
}
