import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';

export class ControllerBody {
  @ApiProperty()
  @IsBoolean()
  enabled!: boolean;
}
