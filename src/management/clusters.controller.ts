import { Body, Controller, Delete, Get, HttpCode, Post, Res, UseGuards } from '@nestjs/common';
import { ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessGuard } from '../auth/access.guard.js';
import { InTenant, OnCluster } from '../auth/request-scope.js';
import type { TenantRecord } from '../auth/tenants.port.js';
import { Doors } from '../config/doors.js';
import { ClusterHost } from '../hosting/cluster-host.js';
import type { LiveCluster } from '../hosting/live-cluster.js';
import { Secured, SecuredWithBody } from '../auth/api-docs.js';
import { newClusterOf } from './cluster-settings.js';
import { NewClusterBody } from './cluster.dto.js';
import { ClusterView, clusterView } from './cluster.view.js';

@ApiTags('clusters')
@ApiParam({ name: 'tenant', type: String })
@Controller('api/v1/tenants/:tenant/clusters')
@UseGuards(AccessGuard)
export class ClustersController {
  readonly #host: ClusterHost;
  readonly #doors: Doors;

  constructor(host: ClusterHost, doors: Doors) {
    this.#host = host;
    this.#doors = doors;
  }

  @Get()
  @Secured(404)
  @ApiResponse({ status: 200, type: [ClusterView] })
  list(@InTenant() tenant: TenantRecord): readonly ClusterView[] {
    return this.#host.list(tenant.name).map((live) => clusterView(live, this.#doors));
  }

  @Post()
  @SecuredWithBody(404, 409)
  @ApiResponse({
    status: 201,
    type: ClusterView,
    description: 'The cluster is durable, and its nodes are Ready.',
    headers: { Location: { description: 'The path of the cluster.', schema: { type: 'string' } } },
  })
  async create(
    @InTenant() tenant: TenantRecord,
    @Body() body: NewClusterBody,
    @Res({ passthrough: true }) reply: { header(name: string, value: string): unknown },
  ): Promise<ClusterView> {
    const live = await this.#host.create(tenant, newClusterOf(body));
    reply.header('location', `/api/v1/tenants/${tenant.name}/clusters/${live.identity.settings.name}`);
    return clusterView(live, this.#doors);
  }

  @Get(':cluster')
  @Secured(404)
  @ApiParam({ name: 'cluster', type: String })
  @ApiResponse({ status: 200, type: ClusterView })
  get(@OnCluster() live: LiveCluster): ClusterView {
    return clusterView(live, this.#doors);
  }

  @Delete(':cluster')
  @HttpCode(204)
  @Secured(404)
  @ApiParam({ name: 'cluster', type: String })
  @ApiResponse({ status: 204, description: 'The cluster is gone, and nothing of it is left on disk.' })
  async remove(@OnCluster() { identity }: LiveCluster): Promise<void> {
    await this.#host.remove(identity.tenant, identity.settings.name);
  }
}
