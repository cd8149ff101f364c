import type { Event } from '../../machinery/api/events-v1.js';
import type { Report } from '../../machinery/kind.js';

export function validateEventV1(_object: Event, _report: Report): void {}
export function validateEventV1Update(_object: Event, _old: Event, _report: Report): void {}
