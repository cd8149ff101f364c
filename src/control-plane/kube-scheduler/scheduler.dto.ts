import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';

export class SchedulerBody {
  @ApiProperty()
  @IsBoolean()
  enabled!: boolean;
}
