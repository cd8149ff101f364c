import type { CertificateSigningRequest } from '../../machinery/api/certificates-v1.js';
import type { Kind } from '../../machinery/kind.js';
import type { KubeObject } from '../../machinery/object.js';
import { setField, statusRules } from '../strategy/update-rules.js';
import type { Face } from './face.js';
import { wholeFace } from './object-face.js';

const DECISIONS: readonly string[] = ['Approved', 'Denied'];

/** The decision on a certificate signing request: of its status, only the conditions that decide may change. */
export function approvalFace(kind: Kind): Face {
  const rules = statusRules(kind);
  return wholeFace(kind, {
    ...rules,
    prepare(draft, old, context) {
      rules.prepare(draft, old, context);
      const given = (draft as KubeObject as CertificateSigningRequest).status?.conditions ?? [];
      const kept = (old as CertificateSigningRequest).status ?? {};
      const others = (kept.conditions ?? []).filter(({ type }) => !DECISIONS.includes(type));
      const decisions = given.filter(({ type }) => DECISIONS.includes(type));
      setField(draft, 'status', { ...kept, conditions: [...others, ...decisions] });
    },
  });
}
