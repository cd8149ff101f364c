import { Module } from '@nestjs/common';
import { ControllersController } from './controllers.controller.js';

@Module({ controllers: [ControllersController] })
export class KubeControllerManagerModule {}
