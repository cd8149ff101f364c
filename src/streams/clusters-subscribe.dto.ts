import { IsIn, IsNotEmpty, IsOptional, IsString, MaxLength } from 'class-validator';
import { ClusterSubscription } from './subscribe.dto.js';

const NAME_LENGTH_MAX = 253;
const TOPICS = ['decisions'] as const;

/** What of a cluster to follow: for `decisions`, those about all pods, about those of a namespace, or about one. */
export class ClustersSubscribeBody extends ClusterSubscription {
  @IsIn(TOPICS)
  topic!: (typeof TOPICS)[number];

  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_MAX)
  namespace?: string;

  @IsOptional()
  @IsString()
  @IsNotEmpty()
  @MaxLength(NAME_LENGTH_MAX)
  pod?: string;
}
