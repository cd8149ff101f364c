import { STATUS_CODES } from 'node:http';
import { Catch, HttpException, Logger } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import {
  ClockNotPausedError,
  ClusterGoneError,
  ClusterStoppedError,
  InvalidSettingsError,
  TooManyWaitingError,
} from '../hosting/cluster-errors.js';
import { NameInUseError, TenantInUseError } from '../auth/tenants.port.js';
import { InvalidBodyError } from './validation.js';
import { PROBLEM_TYPE, type FieldProblem, type Problem } from '../auth/problem.js';

const INTERNAL = 500;
const CONFLICTS = [NameInUseError, TenantInUseError, ClockNotPausedError];

/** The part of Fastify's reply that an answer needs. */
interface Reply {
  code(status: number): Reply;
  header(name: string, value: string): Reply;
  send(body: string): unknown;
}

/** Turns whatever was thrown on a management path into problem details; the only place that does. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger = new Logger('management');

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<Reply>();
    const status = statusOf(error);
    if (status === INTERNAL) this.#logger.error(error instanceof Error ? (error.stack ?? error.message) : error);
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="flotilla"');
    if (status === 429) reply.header('retry-after', '1');
    reply
      .code(status)
      .header('content-type', PROBLEM_TYPE)
      .send(JSON.stringify(problemOf(status, error)));
  }
}

export function problemOf(status: number, error: unknown): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  const errors: readonly FieldProblem[] | undefined = fieldProblemsOf(error);
  return {
    type: 'about:blank',
    title,
    status,
    detail: status === INTERNAL ? 'the server failed to handle the request' : messageOf(error),
    ...(errors === undefined ? {} : { errors }),
  };
}

function fieldProblemsOf(error: unknown): readonly FieldProblem[] | undefined {
  if (error instanceof InvalidSettingsError) return error.problems;
  return error instanceof InvalidBodyError ? error.errors : undefined;
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (CONFLICTS.some((conflict) => error instanceof conflict)) return 409;
  if (error instanceof InvalidSettingsError) return 400;
  if (error instanceof ClusterGoneError) return 404;
  if (error instanceof TooManyWaitingError) return 429;
  if (error instanceof ClusterStoppedError) return 503;
  return clientStatusOf(error) ?? INTERNAL;
}

/** Fastify's own errors (malformed JSON, unknown media types, bodies that are too large) carry their status. */
function clientStatusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  return error.statusCode >= 400 && error.statusCode < INTERNAL ? error.statusCode : undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'the request failed');
