import { admissionPlugins } from './registry.js';

/** `AllOrderedPlugins` of upstream, those that kube-apiserver 1.35 runs unless told otherwise, and NodeRestriction. */
const UPSTREAM = [
  'NamespaceLifecycle',
  'LimitRanger',
  'ServiceAccount',
  'NodeRestriction',
  'TaintNodesByCondition',
  'PodSecurity',
  'Priority',
  'DefaultTolerationSeconds',
  'DefaultStorageClass',
  'StorageObjectInUseProtection',
  'PersistentVolumeClaimResize',
  'RuntimeClass',
  'CertificateApproval',
  'CertificateSigning',
  'CertificateSubjectRestriction',
  'DefaultIngressClass',
  'PodTopologyLabels',
  'MutatingAdmissionWebhook',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionWebhook',
  'ResourceQuota',
];
/** What upstream checks outside its chain. */
const OUTSIDE = ['CustomResourceTermination', 'RbacEscalation'];

describe('the admission plugins', () => {
  const names = admissionPlugins.map(({ name }) => name);

  it('are those of upstream, in its order', () => {
    expect(names.filter((name) => !OUTSIDE.includes(name))).toEqual(UPSTREAM);
    expect(names).toEqual(expect.arrayContaining(OUTSIDE));
  });

  it('are kept by webhooks and policies from the last word: quotas are charged after all', () => {
    expect(names.at(-1)).toBe('ResourceQuota');
    expect(names.indexOf('MutatingAdmissionWebhook')).toBeLessThan(names.indexOf('ValidatingAdmissionPolicy'));
  });
});
