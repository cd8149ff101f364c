import { Body, Controller, Get, HttpCode, Patch, Post, UseGuards } from '@nestjs/common';
import { ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessGuard } from '../auth/access.guard.js';
import { OnCluster } from '../auth/request-scope.js';
import type { LiveCluster } from '../hosting/live-cluster.js';
import { Secured, SecuredWithBody } from '../auth/api-docs.js';
import { clockOf } from './cluster-settings.js';
import { AdvanceBody, ClockBody } from './cluster.dto.js';
import { ClockView, clockView } from './cluster.view.js';
import { InvalidBodyError } from './validation.js';
import { parseDuration } from './validators.js';

@ApiTags('clock')
@ApiParam({ name: 'tenant', type: String })
@ApiParam({ name: 'cluster', type: String })
@Controller('api/v1/tenants/:tenant/clusters/:cluster/clock')
@UseGuards(AccessGuard)
export class ClockController {
  @Get()
  @Secured(404)
  @ApiResponse({ status: 200, type: ClockView })
  get(@OnCluster() live: LiveCluster): ClockView {
    return clockView(live);
  }

  @Patch()
  @SecuredWithBody(404, 429, 503)
  @ApiResponse({ status: 200, type: ClockView })
  async set(@OnCluster() live: LiveCluster, @Body() body: ClockBody): Promise<ClockView> {
    // A rate alone sets the pace of a clock that runs.
    const preset = body.rate !== undefined && live.clock.mode === 'realtime' ? 'scaled' : live.clock.mode;
    const kept = body.mode === undefined && body.rate === undefined && preset === 'scaled' ? live.clock : body;
    await live.setClock(clockOf(kept, preset));
    return clockView(live);
  }

  @Post('advance')
  @HttpCode(200)
  @SecuredWithBody(404, 409, 429, 503)
  @ApiResponse({ status: 200, type: ClockView, description: 'All that was due has happened and is durable.' })
  async advance(@OnCluster() live: LiveCluster, @Body() body: AdvanceBody): Promise<ClockView> {
    const duration = parseDuration(body.duration);
    if (duration === undefined)
      throw new InvalidBodyError([{ field: 'duration', message: 'duration must be positive' }]);
    await live.advance(duration);
    return clockView(live);
  }
}
