import { Body, Controller, Get, NotFoundException, Param, Patch, UseGuards } from '@nestjs/common';
import { ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessGuard } from '../../auth/access.guard.js';
import { Secured, SecuredWithBody } from '../../auth/api-docs.js';
import { OnCluster } from '../../auth/request-scope.js';
import type { LiveCluster } from '../../hosting/live-cluster.js';
import { ControllerBody } from './controller.dto.js';
import { controllerView, ControllerView } from './controller.view.js';

@ApiTags('controllers')
@ApiParam({ name: 'tenant', type: String })
@ApiParam({ name: 'cluster', type: String })
@Controller('api/v1/tenants/:tenant/clusters/:cluster/controllers')
@UseGuards(AccessGuard)
export class ControllersController {
  @Get()
  @Secured(404, 429, 503)
  @ApiResponse({ status: 200, type: [ControllerView] })
  list(@OnCluster() live: LiveCluster): Promise<readonly ControllerView[]> {
    return live.ask((cluster) => cluster.controllers.map(controllerView));
  }

  @Get(':controller')
  @Secured(404, 429, 503)
  @ApiParam({ name: 'controller', type: String })
  @ApiResponse({ status: 200, type: ControllerView })
  async get(@OnCluster() live: LiveCluster, @Param('controller') name: string): Promise<ControllerView> {
    return found(name, await live.ask((cluster) => cluster.controllers.find((each) => each.name === name)));
  }

  @Patch(':controller')
  @SecuredWithBody(404, 429, 503)
  @ApiParam({ name: 'controller', type: String })
  @ApiResponse({
    status: 200,
    type: ControllerView,
    description: 'It stays so, also after a restart. The controller manager starts anew, as with other arguments.',
  })
  async switch(
    @OnCluster() live: LiveCluster,
    @Param('controller') name: string,
    @Body() { enabled }: ControllerBody,
  ): Promise<ControllerView> {
    const report = await live.act((cluster) => {
      const present = cluster.controllers.find((each) => each.name === name);
      if (present === undefined || present.isEnabled === enabled) return present;
      cluster.switchController(name, enabled);
      return cluster.controllers.find((each) => each.name === name);
    });
    return found(name, report);
  }
}

function found(name: string, report: Parameters<typeof controllerView>[0] | undefined): ControllerView {
  if (report === undefined) throw new NotFoundException(`there is no controller ${JSON.stringify(name)}`);
  return controllerView(report);
}
