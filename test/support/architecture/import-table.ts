const BELOW_CONTROLLERS = ['engine/kernel', 'engine/machinery'] as const;
const CLIENTS = [...BELOW_CONTROLLERS, 'engine/kinds', 'engine/client'] as const;
const NODE_SIDE = [...CLIENTS, 'engine/container-runtime', 'engine/network'] as const;
const DOORS = ['hosting', 'auth', 'config', 'engine/kube-apiserver', 'engine/kernel', 'engine/machinery'] as const;

/** What each part of `src` may import besides itself; `engine/*` is all of the engine. A part may be absent still. */
export const IMPORT_TABLE: Readonly<Record<string, readonly string[]>> = {
  'engine/kernel': [],
  'engine/machinery': ['engine/kernel'],
  'engine/kinds': BELOW_CONTROLLERS,
  'engine/client': BELOW_CONTROLLERS,
  'engine/etcd': BELOW_CONTROLLERS,
  'engine/container-runtime': BELOW_CONTROLLERS,
  'engine/kube-apiserver': [...BELOW_CONTROLLERS, 'engine/kinds', 'engine/etcd'],
  'engine/kube-scheduler': CLIENTS,
  'engine/kube-controller-manager': CLIENTS,
  'engine/cloud-controller-manager': CLIENTS,
  'engine/kube-proxy': CLIENTS,
  'engine/network': CLIENTS,
  'engine/kubelet': NODE_SIDE,
  'engine/traffic': [...NODE_SIDE, 'engine/kube-proxy'],
  'engine/faults': NODE_SIDE,
  'engine/cluster': ['engine/*'],
  hosting: ['engine/cluster', 'engine/kube-apiserver', 'engine/etcd', 'engine/kernel', 'engine/machinery', 'config'],
  'control-plane': DOORS,
  node: DOORS,
  streams: DOORS,
  management: DOORS,
  auth: ['config', 'hosting'],
  ops: ['config', 'hosting'],
  config: [],
  persistence: ['config', '*.port.ts', 'migrations'],
};

/** Only the composition root knows where things are kept. */
export const IMPORTED_BY_APP_MODULE_ALONE: readonly string[] = ['persistence'];

/** Files of `src` itself. They compose: the table does not bind them. */
export const ROOT_FILES: readonly string[] = ['src/main.ts', 'src/app.module.ts'];

/** Pure packages: no input or output, no clock, no entropy. A name that ends in `/` stands for the subpaths of a package. */
export const PACKAGES_OF_ENGINE: readonly string[] = [
  'yaml',
  'sorted-btree',
  'heap-js',
  '@noble/hashes/',
  '@bufbuild/protobuf/wire',
  '@marcbachmann/cel-js',
  're2js',
];

/** What a spec beside pure code may not need: such tests stand in `test/`. */
export const PACKAGES_OF_BLACK_BOX_TESTS: readonly string[] = [
  '@kubernetes/client-node',
  '@nestjs/',
  'better-sqlite3',
  'node:child_process',
  'node:worker_threads',
  'socket.io-client',
  'typeorm',
];
