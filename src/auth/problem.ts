import { ApiProperty } from '@nestjs/swagger';

export class FieldProblem {
  @ApiProperty({ description: 'The path of the field in the body.', example: 'topology.workers' })
  readonly field!: string;

  @ApiProperty({ example: 'topology.workers must not be greater than 5000' })
  readonly message!: string;
}

/** RFC 9457. */
export class Problem {
  @ApiProperty({ example: 'about:blank' })
  readonly type!: string;

  @ApiProperty({ description: 'The name of the status code.', example: 'Unprocessable Content' })
  readonly title!: string;

  @ApiProperty({ description: 'The status code.', example: 404 })
  readonly status!: number;

  @ApiProperty({ description: 'What is wrong with this very request.', example: 'there is no tenant "acme"' })
  readonly detail!: string;

  @ApiProperty({ type: [FieldProblem], required: false, description: 'Each thing that is wrong with the body.' })
  readonly errors?: readonly FieldProblem[];
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
