import {
  Body,
  Controller,
  Delete,
  Get,
  GoneException,
  HttpCode,
  NotFoundException,
  Put,
  Query,
  UseGuards,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiConsumes, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessGuard } from '../../auth/access.guard.js';
import { Secured, SecuredWithBody } from '../../auth/api-docs.js';
import { OnCluster } from '../../auth/request-scope.js';
import type { AuditPolicy } from '../../engine/kube-apiserver/audit/audit-policy.js';
import type { LiveCluster } from '../../hosting/live-cluster.js';
import { TAKES_YAML } from '../require-json.js';
import { AuditEventsQuery, filterOf, limitOf } from './audit-events.dto.js';
import { auditEventsView, AuditEventsView } from './audit-events.view.js';
import { sentPolicy } from './sent-policy.js';

const NO_POLICY = 'the cluster has no audit policy';
const POLICY = { type: 'object', additionalProperties: true } as const;

@ApiTags('audit')
@ApiParam({ name: 'tenant', type: String })
@ApiParam({ name: 'cluster', type: String })
@Controller('api/v1/tenants/:tenant/clusters/:cluster/audit')
@UseGuards(AccessGuard)
export class AuditController {
  @Get('policy')
  @Secured(404, 429, 503)
  @ApiResponse({ status: 200, schema: POLICY, description: 'A Policy of audit.k8s.io/v1.' })
  async policy(@OnCluster() live: LiveCluster): Promise<AuditPolicy> {
    const policy = await live.ask(({ auditPolicy }) => auditPolicy);
    if (policy === undefined) throw new NotFoundException(NO_POLICY);
    return policy;
  }

  @Put('policy')
  @RouteConfig(TAKES_YAML)
  @SecuredWithBody(404, 429, 503)
  @ApiConsumes('application/json', 'application/yaml')
  @ApiBody({ schema: POLICY, description: 'A Policy of audit.k8s.io/v1, as `--audit-policy-file` has it.' })
  @ApiResponse({
    status: 200,
    schema: POLICY,
    description: 'It is in effect with the next request and stays so, also after a restart.',
  })
  async setPolicy(@OnCluster() live: LiveCluster, @Body() body: unknown): Promise<AuditPolicy> {
    const policy = sentPolicy(body);
    await live.act((cluster) => {
      cluster.auditPolicy = policy;
    });
    return policy;
  }

  @Delete('policy')
  @HttpCode(204)
  @Secured(404, 429, 503)
  @ApiResponse({ status: 204, description: 'Nothing more is told; what was told is still kept.' })
  async removePolicy(@OnCluster() live: LiveCluster): Promise<void> {
    const wasThere = await live.act((cluster) => {
      if (cluster.auditPolicy === undefined) return false;
      cluster.auditPolicy = undefined;
      return true;
    });
    if (!wasThere) throw new NotFoundException(NO_POLICY);
  }

  @Get('events')
  @Secured(400, 404, 410, 429, 503)
  @ApiResponse({
    status: 200,
    type: AuditEventsView,
    description:
      "The newest events of the cluster are kept in memory: at most 10,000, and at most 8 MiB of them. Older ones are lost, and all of them when the server restarts; Socket.IO's /audit tells them as they come.",
  })
  events(@OnCluster() live: LiveCluster, @Query() query: AuditEventsQuery): Promise<AuditEventsView> {
    const filter = filterOf(query);
    return live
      .ask(({ apiServer: { auditor } }) => {
        const { trail } = auditor;
        const after = query.continue === undefined ? trail.lost : trail.sequenceAt(query.continue);
        if (after === undefined) return undefined;
        return auditEventsView(trail, trail.page({ filter, after, limit: limitOf(query) }));
      })
      .then(found);
  }
}

function found(view: AuditEventsView | undefined): AuditEventsView {
  if (view === undefined)
    throw new GoneException('the events to continue with are not kept any more: ask anew without continue');
  return view;
}
