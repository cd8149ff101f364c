import { Module } from '@nestjs/common';
import { ClockController } from './clock.controller.js';
import { ClustersController } from './clusters.controller.js';
import { KeysController } from './keys.controller.js';
import { NodesController } from './nodes.controller.js';
import { TenantsController } from './tenants.controller.js';

@Module({
  controllers: [TenantsController, KeysController, ClustersController, ClockController, NodesController],
})
export class ManagementModule {}
