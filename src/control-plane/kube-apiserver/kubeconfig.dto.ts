import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

const NAME_LENGTH_MAX = 253;
const GROUPS_MAX = 100;
const EXPIRATION_SECONDS_MIN = 600;
const EXPIRATION_SECONDS_MAX = 2 ** 32;

/** Left out, which `null` is not. */
const MayBeAbsent = (): PropertyDecorator => ValidateIf((_object, value) => value !== undefined);

class ServiceAccountBody {
  @ApiProperty()
  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_MAX)
  namespace!: string;

  @ApiProperty()
  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_MAX)
  name!: string;
}

/** For whom a kubeconfig is: a user by name, or a service account. */
export class KubeconfigBody {
  @ApiProperty({ required: false, description: 'The name of a user; not together with a service account.' })
  @ValidateIf(({ serviceAccount }: KubeconfigBody, value) => value !== undefined || serviceAccount === undefined)
  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_MAX)
  user?: string;

  @ApiProperty({ required: false, description: "The user's uid." })
  @MayBeAbsent()
  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_MAX)
  uid?: string;

  @ApiProperty({
    required: false,
    type: [String],
    maxItems: GROUPS_MAX,
    description: "The user's groups; `system:authenticated` is added.",
  })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(GROUPS_MAX)
  @IsString({ each: true })
  @IsNotEmpty({ each: true })
  @MaxLength(NAME_LENGTH_MAX, { each: true })
  groups?: string[];

  @ApiProperty({ required: false, type: ServiceAccountBody, description: 'An account that exists.' })
  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => ServiceAccountBody)
  serviceAccount?: ServiceAccountBody;

  @ApiProperty({
    required: false,
    default: 3_600,
    minimum: EXPIRATION_SECONDS_MIN,
    maximum: EXPIRATION_SECONDS_MAX,
    description:
      "How long a service account's token lasts, in the cluster's time. A user's lasts as long as the cluster.",
  })
  @MayBeAbsent()
  @IsInt()
  @Min(EXPIRATION_SECONDS_MIN)
  @Max(EXPIRATION_SECONDS_MAX)
  expirationSeconds?: number;
}
