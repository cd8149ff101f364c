import { Module } from '@nestjs/common';
import { KubeconfigController } from './kubeconfig.controller.js';

@Module({ controllers: [KubeconfigController] })
export class KubeApiserverModule {}
