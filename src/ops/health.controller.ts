import { Controller, Get, Header, ServiceUnavailableException } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Doors } from '../config/doors.js';

@ApiExcludeController()
@Controller()
export class HealthController {
  readonly #doors: Doors;

  constructor(doors: Doors) {
    this.#doors = doors;
  }

  /** The process turns: whoever waits for it to serve asks `readyz`. */
  @Get('healthz')
  @Header('content-type', 'text/plain; charset=utf-8')
  healthz(): string {
    return 'ok';
  }

  @Get('readyz')
  @Header('content-type', 'text/plain; charset=utf-8')
  readyz(): string {
    if (!this.#doors.isOpen) throw new ServiceUnavailableException('the server is not open');
    return 'ok';
  }
}
