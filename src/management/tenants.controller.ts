import { randomUUID } from 'node:crypto';
import {
  Body,
  ConflictException,
  Controller,
  Delete,
  ForbiddenException,
  Get,
  HttpCode,
  Inject,
  Post,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessGuard } from '../auth/access.guard.js';
import { Authenticator } from '../auth/authenticator.js';
import { mayReachTenant, type Principal } from '../auth/principal.js';
import { Caller, InTenant } from '../auth/request-scope.js';
import type { TenantRecord, TenantRecords } from '../auth/tenants.port.js';
import { TENANT_RECORDS } from '../auth/tokens.js';
import { instant, timestamp } from '../engine/kernel/clock.js';
import { ClusterHost } from '../hosting/cluster-host.js';
import { systemWallClock } from '../hosting/wall-clock.js';
import { Secured, SecuredWithBody } from '../auth/api-docs.js';
import { NewTenantBody, TenantView } from './tenant.dto.js';

@ApiTags('tenants')
@Controller('api/v1/tenants')
@UseGuards(AccessGuard)
export class TenantsController {
  readonly #tenants: TenantRecords;
  readonly #host: ClusterHost;
  readonly #authenticator: Authenticator;

  constructor(@Inject(TENANT_RECORDS) tenants: TenantRecords, host: ClusterHost, authenticator: Authenticator) {
    this.#tenants = tenants;
    this.#host = host;
    this.#authenticator = authenticator;
  }

  @Get()
  @Secured()
  @ApiResponse({ status: 200, type: [TenantView], description: 'Those that the token may see.' })
  async list(@Caller() caller: Principal): Promise<readonly TenantView[]> {
    const tenants = await this.#tenants.list();
    return tenants.filter(({ id }) => mayReachTenant(caller, id)).map(tenantView);
  }

  @Post()
  @SecuredWithBody(403, 409)
  @ApiResponse({
    status: 201,
    type: TenantView,
    headers: { Location: { description: 'The path of the tenant.', schema: { type: 'string' } } },
  })
  async create(
    @Caller() caller: Principal,
    @Body() { name }: NewTenantBody,
    @Res({ passthrough: true }) reply: { header(name: string, value: string): unknown },
  ): Promise<TenantView> {
    onlyAdministrator(caller);
    const tenant: TenantRecord = { id: randomUUID(), name, createdAt: systemWallClock.now() };
    await this.#tenants.create(tenant);
    reply.header('location', `/api/v1/tenants/${name}`);
    return tenantView(tenant);
  }

  @Get(':tenant')
  @Secured(404)
  @ApiParam({ name: 'tenant', type: String })
  @ApiResponse({ status: 200, type: TenantView })
  get(@InTenant() tenant: TenantRecord): TenantView {
    return tenantView(tenant);
  }

  @Delete(':tenant')
  @HttpCode(204)
  @Secured(403, 404, 409)
  @ApiParam({ name: 'tenant', type: String })
  @ApiResponse({ status: 204, description: 'The tenant is gone, and its keys with it. It must have no clusters.' })
  async remove(@Caller() caller: Principal, @InTenant() tenant: TenantRecord): Promise<void> {
    onlyAdministrator(caller);
    const clusters = this.#host.list(tenant.name).length;
    if (clusters > 0) throw new ConflictException(`tenant "${tenant.name}" has clusters, which must be deleted first`);
    await this.#tenants.delete(tenant.id);
    await this.#authenticator.forgetKnown();
  }
}

function onlyAdministrator(caller: Principal): void {
  if (caller.type !== 'administrator') throw new ForbiddenException('only the administrator may do this');
}

const tenantView = ({ id, name, createdAt }: TenantRecord): TenantView => ({
  name,
  id,
  createdAt: timestamp(instant(createdAt)),
});
