/** Mirrors `ValidatePriorityLevelConfiguration`. */
import type {
  LimitResponse,
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfiguration,
  QueuingConfiguration,
} from '../../machinery/api/flowcontrol-v1.js';
import { forbidden, invalid, notSupported, required } from '../../machinery/field-error.js';
import type { Report } from '../../machinery/kind.js';
import { validateFlowConditions } from './flow-schema-validation.js';
import { checkMandatoryLevel } from './mandatory-objects.js';

const QUEUES_MAX = 10_000_000;
const HASH_BITS_MAX = 60;
const TYPES: readonly string[] = ['Exempt', 'Limited'];
const RESPONSES: readonly string[] = ['Queue', 'Reject'];

export function validatePriorityLevel(level: PriorityLevelConfiguration, report: Report): void {
  const { metadata, spec, status } = level;
  const { type = '', limited, exempt } = spec ?? {};
  if ((metadata.name === 'exempt') !== (type === 'Exempt')) {
    report(invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  }
  if (type === 'Exempt') {
    if (limited !== undefined) report(forbidden('spec.limited', 'must be nil if the type is not Limited'));
    if (exempt !== undefined) validateShares(exempt, 'spec.exempt', report);
  } else if (type === 'Limited') {
    if (exempt !== undefined) report(forbidden('spec.exempt', 'must be nil if the type is Limited'));
    if (limited === undefined) report(required('spec.limited', 'must not be empty when type is Limited'));
    else validateLimited(limited, report);
  } else {
    report(notSupported('spec.type', type, TYPES));
  }
  checkMandatoryLevel(level, report);
  validateFlowConditions(status?.conditions ?? [], report);
}

interface Shares {
  readonly nominalConcurrencyShares?: number | null;
  readonly lendablePercent?: number;
}

function validateShares(shares: Shares, path: string, report: Report): void {
  validateNominal(shares, path, report);
  validateLendable(shares, path, report);
}

function validateNominal({ nominalConcurrencyShares }: Shares, path: string, report: Report): void {
  const shares = nominalConcurrencyShares ?? 0;
  if (shares < 0) report(invalid(`${path}.nominalConcurrencyShares`, shares, 'must be a non-negative integer'));
}

function validateLendable({ lendablePercent = 0 }: Shares, path: string, report: Report): void {
  if (lendablePercent >= 0 && lendablePercent <= 100) return;
  report(invalid(`${path}.lendablePercent`, lendablePercent, 'must be between 0 and 100, inclusive'));
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, report: Report): void {
  validateNominal(limited, 'spec.limited', report);
  validateResponse(limited.limitResponse ?? { type: '' }, report);
  validateLendable(limited, 'spec.limited', report);
  const { borrowingLimitPercent: borrowing = 0 } = limited;
  if (borrowing < 0) {
    report(invalid('spec.limited.borrowingLimitPercent', borrowing, 'if specified, must be a non-negative integer'));
  }
}

function validateResponse({ type, queuing }: LimitResponse, report: Report): void {
  const path = 'spec.limited.limitResponse';
  if (!RESPONSES.includes(type)) return report(notSupported(`${path}.type`, type, RESPONSES));
  if (type === 'Reject') {
    if (queuing === undefined) return;
    return report(forbidden(`${path}.queuing`, 'must be nil if limited.limitResponse.type is not Limited'));
  }
  if (queuing === undefined) {
    return report(required(`${path}.queuing`, 'must not be empty if limited.limitResponse.type is Limited'));
  }
  validateQueuing(queuing, `${path}.queuing`, report);
}

function validateQueuing(queuing: QueuingConfiguration, path: string, report: Report): void {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  if (queueLengthLimit <= 0) report(invalid(`${path}.queueLengthLimit`, queueLengthLimit, 'must be positive'));
  if (queues <= 0) report(invalid(`${path}.queues`, queues, 'must be positive'));
  else if (queues > QUEUES_MAX) report(invalid(`${path}.queues`, queues, `must not be greater than ${QUEUES_MAX}`));
  if (handSize <= 0) report(invalid(`${path}.handSize`, handSize, 'must be positive'));
  else if (handSize > queues) {
    report(invalid(`${path}.handSize`, handSize, `should not be greater than queues (${queues})`));
  } else if (entropyBits(queues, handSize) > HASH_BITS_MAX) {
    const detail = `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS_MAX}`;
    report(invalid(`${path}.handSize`, handSize, detail));
  }
}

/** The bits that dealing a hand out of so many queues uses up. */
const entropyBits = (queues: number, handSize: number): number => Math.ceil(Math.log2(queues) * handSize);
