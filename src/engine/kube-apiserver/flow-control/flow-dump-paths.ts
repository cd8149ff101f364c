const ROOT = '/debug/api_priority_and_fairness';

export const LEVELS_DUMP = `${ROOT}/dump_priority_levels`;
export const QUEUES_DUMP = `${ROOT}/dump_queues`;
export const REQUESTS_DUMP = `${ROOT}/dump_requests`;

export const isFlowDump = (path: string): boolean =>
  path.startsWith(ROOT) && [LEVELS_DUMP, QUEUES_DUMP, REQUESTS_DUMP].includes(path);
