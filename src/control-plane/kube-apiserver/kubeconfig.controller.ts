import { Controller, Get, Header, Inject, UseGuards } from '@nestjs/common';
import { ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessGuard } from '../../auth/access.guard.js';
import { Secured } from '../../auth/api-docs.js';
import { ClusterTokens } from '../../auth/cluster-tokens.js';
import { OnCluster } from '../../auth/request-scope.js';
import { Doors } from '../../config/doors.js';
import { SERVER_IDENTITY, type ServerIdentity } from '../../config/server-identity.js';
import type { LiveCluster } from '../../hosting/live-cluster.js';
import { kubeconfigText } from './kubeconfig.js';

@ApiTags('clusters')
@ApiParam({ name: 'tenant', type: String })
@ApiParam({ name: 'cluster', type: String })
@Controller('api/v1/tenants/:tenant/clusters/:cluster/kubeconfig')
@UseGuards(AccessGuard)
export class KubeconfigController {
  readonly #tokens: ClusterTokens;
  readonly #doors: Doors;
  readonly #identity: ServerIdentity;

  constructor(tokens: ClusterTokens, doors: Doors, @Inject(SERVER_IDENTITY) identity: ServerIdentity) {
    this.#tokens = tokens;
    this.#doors = doors;
    this.#identity = identity;
  }

  @Get()
  @Header('content-type', 'application/yaml')
  @Secured(404)
  @ApiResponse({
    status: 200,
    description: 'A kubeconfig for the administrator of the cluster. Its token lasts as long as the cluster.',
    content: { 'application/yaml': { schema: { type: 'string' } } },
  })
  async get(@OnCluster() { identity }: LiveCluster): Promise<string> {
    const { tenant, settings } = identity;
    return kubeconfigText({
      tenant,
      cluster: settings.name,
      server: this.#doors.clusterUrl(tenant, settings.name),
      caCertificate: this.#identity.caCertificate,
      token: await this.#tokens.issue(identity),
    });
  }
}
