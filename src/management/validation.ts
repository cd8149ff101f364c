import { BadRequestException, ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import type { FieldProblem } from '../auth/problem.js';

/** A body that parses and is not what the path takes. */
export class InvalidBodyError extends BadRequestException {
  readonly errors: readonly FieldProblem[];

  constructor(errors: readonly FieldProblem[]) {
    super(errors.map(({ message }) => message).join('; '));
    this.errors = errors;
  }
}

/** Unknown properties are errors, and every error names its field by its whole path. */
export class BodyValidation extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError: { target: false, value: false },
      exceptionFactory: (errors) => new InvalidBodyError(errors.flatMap((error) => fieldProblems(error, ''))),
    });
  }

  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    // A gateway's payload is `unknown` here: gateways check theirs themselves.
    const isBody = metadata.type === 'body' && metadata.metatype !== Object;
    if (isBody && !isObject) throw new BadRequestException('the body must be a JSON object');
    return super.transform(value, metadata) as Promise<unknown>;
  }
}

function fieldProblems(error: ValidationError, parent: string): readonly FieldProblem[] {
  const index = /^\d+$/.test(error.property);
  const field = parent === '' ? error.property : index ? `${parent}[${error.property}]` : `${parent}.${error.property}`;
  const own = Object.values(error.constraints ?? {}).map((message) => ({
    field,
    message: rename(message, error, field),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldProblems(child, field))];
}

/** class-validator knows the last name of a path only. */
function rename(message: string, { property }: ValidationError, field: string): string {
  if (message === `property ${property} should not exist`) return `${field} is not a known field`;
  return message.startsWith(`${property} `) ? `${field}${message.slice(property.length)}` : message;
}
