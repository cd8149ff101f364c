import { Body, Controller, Get, NotFoundException, Param, Put, UseGuards } from '@nestjs/common';
import { ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessGuard } from '../auth/access.guard.js';
import { Secured, SecuredWithBody } from '../auth/api-docs.js';
import { OnCluster } from '../auth/request-scope.js';
import type { LiveCluster } from '../hosting/live-cluster.js';
import { KubeletBody } from './cluster.dto.js';
import { NodeView } from './cluster.view.js';
import { nodeViews } from './node-views.js';

@ApiTags('nodes')
@ApiParam({ name: 'tenant', type: String })
@ApiParam({ name: 'cluster', type: String })
@Controller('api/v1/tenants/:tenant/clusters/:cluster/nodes')
@UseGuards(AccessGuard)
export class NodesController {
  @Get()
  @Secured(404, 429, 503)
  @ApiResponse({ status: 200, type: [NodeView] })
  list(@OnCluster() live: LiveCluster): Promise<readonly NodeView[]> {
    return live.ask(nodeViews);
  }

  @Get(':node')
  @Secured(404, 429, 503)
  @ApiParam({ name: 'node', type: String })
  @ApiResponse({ status: 200, type: NodeView })
  get(@OnCluster() live: LiveCluster, @Param('node') name: string): Promise<NodeView> {
    return nodeOf(live, name);
  }

  @Put(':node/kubelet')
  @SecuredWithBody(404, 429, 503)
  @ApiParam({ name: 'node', type: String })
  @ApiResponse({
    status: 200,
    type: NodeView,
    description: 'A node whose kubelet is stopped is found lost after its grace period, and its pods are evicted.',
  })
  async setKubelet(
    @OnCluster() live: LiveCluster,
    @Param('node') name: string,
    @Body() { state }: KubeletBody,
  ): Promise<NodeView> {
    await live.act((cluster) => {
      const present = cluster.kubeletState(name);
      if (present === undefined || present === state) return;
      if (state === 'stopped') cluster.stopKubelet(name);
      else cluster.startKubelet(name);
    });
    return nodeOf(live, name);
  }
}

async function nodeOf(live: LiveCluster, name: string): Promise<NodeView> {
  const node = (await live.ask(nodeViews)).find((each) => each.name === name);
  if (node === undefined) throw new NotFoundException(`the cluster has no node ${JSON.stringify(name)}`);
  return node;
}
