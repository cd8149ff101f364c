import { ApiProperty } from '@nestjs/swagger';
import { DNS_LABEL, DNS_LABEL_LENGTH_MAX, IsName } from './validators.js';

export class NewTenantBody {
  @ApiProperty({ description: 'A DNS-1123 label.', pattern: DNS_LABEL.source, maxLength: DNS_LABEL_LENGTH_MAX })
  @IsName()
  name!: string;
}

export class NewKeyBody {
  @ApiProperty({ description: 'A DNS-1123 label.', pattern: DNS_LABEL.source, maxLength: DNS_LABEL_LENGTH_MAX })
  @IsName()
  name!: string;
}

export class TenantView {
  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
}

export class KeyView {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;

  @ApiProperty()
  readonly name!: string;

  @ApiProperty({ description: 'How the secret begins.' })
  readonly prefix!: string;

  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
}

export class NewKeyView extends KeyView {
  @ApiProperty({ description: 'The bearer token. It is shown this once.' })
  readonly secret!: string;
}
