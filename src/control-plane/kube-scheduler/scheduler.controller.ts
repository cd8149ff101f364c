import { Body, Controller, Get, Param, Patch, UseGuards } from '@nestjs/common';
import { ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessGuard } from '../../auth/access.guard.js';
import { Secured, SecuredWithBody } from '../../auth/api-docs.js';
import { OnCluster } from '../../auth/request-scope.js';
import type { LiveCluster } from '../../hosting/live-cluster.js';
import { DecisionView } from './decision.view.js';
import { SchedulerBody } from './scheduler.dto.js';
import { SchedulerView, schedulerView } from './scheduler.view.js';

@ApiTags('scheduler')
@ApiParam({ name: 'tenant', type: String })
@ApiParam({ name: 'cluster', type: String })
@Controller('api/v1/tenants/:tenant/clusters/:cluster')
@UseGuards(AccessGuard)
export class SchedulerController {
  @Get('scheduler')
  @Secured(404, 429, 503)
  @ApiResponse({ status: 200, type: SchedulerView })
  async scheduler(@OnCluster() live: LiveCluster): Promise<SchedulerView> {
    return live.ask((cluster) => schedulerView(cluster.scheduler));
  }

  @Patch('scheduler')
  @SecuredWithBody(404, 429, 503)
  @ApiResponse({
    status: 200,
    type: SchedulerView,
    description: 'It stays so, also after a restart. Without a scheduler pods wait for one from outside.',
  })
  switch(@OnCluster() live: LiveCluster, @Body() { enabled }: SchedulerBody): Promise<SchedulerView> {
    return live.act((cluster) => {
      cluster.switchScheduler(enabled);
      return schedulerView(cluster.scheduler);
    });
  }

  @Get('decisions/:namespace/:pod')
  @Secured(404, 429, 503)
  @ApiParam({ name: 'namespace', type: String })
  @ApiParam({ name: 'pod', type: String })
  @ApiResponse({
    status: 200,
    type: [DecisionView],
    description: 'The attempts to place the pod, oldest first. Only the latest decisions of a cluster are kept.',
  })
  async decisions(
    @OnCluster() live: LiveCluster,
    @Param('namespace') namespace: string,
    @Param('pod') pod: string,
  ): Promise<readonly DecisionView[]> {
    return live.ask((cluster) => cluster.decisions(namespace, pod));
  }
}
