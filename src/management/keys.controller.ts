import { randomUUID } from 'node:crypto';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  NotFoundException,
  Param,
  Post,
  UseGuards,
} from '@nestjs/common';
import { ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { AccessGuard } from '../auth/access.guard.js';
import { newApiKey } from '../auth/api-key.js';
import { Authenticator } from '../auth/authenticator.js';
import { InTenant } from '../auth/request-scope.js';
import type { KeyRecord, KeyRecords, TenantRecord } from '../auth/tenants.port.js';
import { KEY_RECORDS } from '../auth/tokens.js';
import { instant, timestamp } from '../engine/kernel/clock.js';
import { systemWallClock } from '../hosting/wall-clock.js';
import { Secured, SecuredWithBody } from '../auth/api-docs.js';
import { KeyView, NewKeyBody, NewKeyView } from './tenant.dto.js';

@ApiTags('keys')
@ApiParam({ name: 'tenant', type: String })
@Controller('api/v1/tenants/:tenant/keys')
@UseGuards(AccessGuard)
export class KeysController {
  readonly #keys: KeyRecords;
  readonly #authenticator: Authenticator;

  constructor(@Inject(KEY_RECORDS) keys: KeyRecords, authenticator: Authenticator) {
    this.#keys = keys;
    this.#authenticator = authenticator;
  }

  @Get()
  @Secured(404)
  @ApiResponse({ status: 200, type: [KeyView] })
  async list(@InTenant() tenant: TenantRecord): Promise<readonly KeyView[]> {
    return (await this.#keys.list(tenant.id)).map(keyView);
  }

  @Post()
  @SecuredWithBody(404, 409)
  @ApiResponse({ status: 201, type: NewKeyView })
  async create(@InTenant() tenant: TenantRecord, @Body() { name }: NewKeyBody): Promise<NewKeyView> {
    const { secret, hash, prefix } = newApiKey();
    const createdAt = systemWallClock.now();
    const key: KeyRecord = { id: randomUUID(), tenantId: tenant.id, name, hash, prefix, createdAt };
    await this.#keys.create(key);
    return { ...keyView(key), secret };
  }

  @Delete(':key')
  @HttpCode(204)
  @Secured(404)
  @ApiParam({ name: 'key', type: String, description: 'The id of the key.' })
  @ApiResponse({ status: 204, description: 'The key opens nothing any more.' })
  async remove(@InTenant() tenant: TenantRecord, @Param('key') id: string): Promise<void> {
    const wasThere = await this.#keys.delete(tenant.id, id);
    await this.#authenticator.forgetKnown();
    if (!wasThere) throw new NotFoundException(`tenant "${tenant.name}" has no key ${JSON.stringify(id)}`);
  }
}

const keyView = ({ id, name, prefix, createdAt }: KeyRecord): KeyView => ({
  id,
  name,
  prefix,
  createdAt: timestamp(instant(createdAt)),
});
