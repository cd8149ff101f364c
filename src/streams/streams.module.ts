import { Module } from '@nestjs/common';
import { WatchGateway } from './watch.gateway.js';

@Module({ providers: [WatchGateway] })
export class StreamsModule {}
