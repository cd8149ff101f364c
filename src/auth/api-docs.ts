import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { Problem } from './problem.js';

const DESCRIPTIONS = {
  400: 'The body is malformed or invalid.',
  401: 'The token is missing or not accepted.',
  403: 'The token may not do this.',
  404: 'The path names nothing that the token may see.',
  409: 'The name is in use, or the state does not allow it.',
  410: 'What the query continues with is not kept any more.',
  413: 'The body is too large.',
  415: 'The body is not JSON.',
  429: 'Too many requests wait for this cluster.',
  500: 'The server failed.',
  503: 'The cluster has stopped.',
} as const;
type ErrorStatus = keyof typeof DESCRIPTIONS;

const EVERYWHERE: readonly ErrorStatus[] = [401, 500];
const WITH_BODY: readonly ErrorStatus[] = [400, 413, 415];

/** Describes a path that a token opens, with the problems that it answers besides those that every path has. */
export const Secured = (...statuses: readonly ErrorStatus[]): ClassDecorator & MethodDecorator =>
  applyDecorators(ApiBearerAuth(), ApiExtraModels(Problem), ...[...EVERYWHERE, ...statuses].map(problem));

/** The same for a path that takes a body. */
export const SecuredWithBody = (...statuses: readonly ErrorStatus[]): ClassDecorator & MethodDecorator =>
  Secured(...WITH_BODY, ...statuses);

const problem = (status: ErrorStatus): MethodDecorator & ClassDecorator =>
  ApiResponse({
    status,
    description: DESCRIPTIONS[status],
    content: { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } },
  });
