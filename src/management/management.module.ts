import { Module } from '@nestjs/common';
import { AuditController } from './audit/audit.controller.js';
import { ClockController } from './clock.controller.js';
import { ClustersController } from './clusters.controller.js';
import { KeysController } from './keys.controller.js';
import { NodesController } from './nodes.controller.js';
import { TenantsController } from './tenants.controller.js';

@Module({
  controllers: [
    TenantsController,
    KeysController,
    ClustersController,
    ClockController,
    NodesController,
    AuditController,
  ],
})
export class ManagementModule {}
