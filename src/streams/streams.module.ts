import { Module } from '@nestjs/common';
import { AuditGateway } from './audit.gateway.js';
import { ClustersGateway } from './clusters.gateway.js';
import { WatchGateway } from './watch.gateway.js';

@Module({ providers: [WatchGateway, AuditGateway, ClustersGateway] })
export class StreamsModule {}
