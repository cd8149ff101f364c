import { eventually } from './eventually.js';
import type { TestCluster } from './test-cluster.js';

/** A server with one port and one variable. */
export const WEB_POD = {
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: {
    containers: [
      {
        name: 'app',
        image: 'registry.example/web:1',
        ports: [{ name: 'http', containerPort: 8080 }],
        env: [{ name: 'GREETING', value: 'hi there' }],
      },
    ],
  },
};

interface PodStatus {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Resolves when the pod is ready. */
export async function createWebPod({ kubernetes }: TestCluster): Promise<void> {
  const path = '/api/v1/namespaces/default/pods';
  await kubernetes.post(path, WEB_POD);
  await eventually(async () => {
    const { status } = await kubernetes.get<PodStatus>(`${path}/web`);
    return status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') === true;
  });
}
