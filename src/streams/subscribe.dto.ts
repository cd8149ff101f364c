import { plainToInstance } from 'class-transformer';
import { IsNotEmpty, IsOptional, IsString, Matches, MaxLength, validateSync } from 'class-validator';

const TEXT_LENGTH_MAX = 4_096;
const NAME_LENGTH_MAX = 253;

/** Of which cluster something is wanted. */
export class ClusterSubscription {
  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_MAX)
  tenant!: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_MAX)
  cluster!: string;
}

/** What to watch. An absent `resourceVersion` asks for the present state first, then a bookmark that ends it. */
export class SubscribeBody extends ClusterSubscription {
  @IsString()
  @Matches(/^(?:[a-z0-9.-]+\/)?v[a-z0-9]+$/, { message: 'apiVersion must be such as v1 or apps/v1' })
  @MaxLength(NAME_LENGTH_MAX)
  apiVersion!: string;

  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_MAX)
  kind!: string;

  @IsOptional()
  @IsString()
  @MaxLength(NAME_LENGTH_MAX)
  namespace?: string;

  @IsOptional()
  @IsString()
  @MaxLength(TEXT_LENGTH_MAX)
  labelSelector?: string;

  @IsOptional()
  @IsString()
  @MaxLength(TEXT_LENGTH_MAX)
  fieldSelector?: string;

  @IsOptional()
  @Matches(/^\d{1,19}$/, { message: 'resourceVersion must be the text of a number' })
  resourceVersion?: string;
}

/** The body, or what is wrong with it. */
export function parseSubscribeBody<Body extends ClusterSubscription>(
  type: new () => Body,
  payload: unknown,
): Body | { readonly problem: string } {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) {
    return { problem: 'the payload must be an object' };
  }
  const body = plainToInstance(type, payload);
  const errors = validateSync(body, { whitelist: true, forbidNonWhitelisted: true });
  const problem = errors.flatMap(({ constraints }) => Object.values(constraints ?? {})).join('; ');
  return problem === '' ? body : { problem };
}
