import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as https } from 'node:https';
import { join } from 'node:path';
import type { Server } from './server.ts';

/** gitopsIdentity is who applies Tenure's own manifests in the development seed. */
export const gitopsIdentity = 'system:serviceaccount:argocd:gitops';

/** Manifest is a Kubernetes object as the API server sends it. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [field: string]: unknown;
}

/** Verdict is the response part of an AdmissionReview. */
export interface Verdict {
  uid: string;
  allowed: boolean;
  status?: { message?: string; code?: number };
  auditAnnotations?: Record<string, string>;
}

/** admissionReview is what the API server sends when somebody creates an object. */
export function admissionReview(object: Manifest, user: string, groups: string[] = ['system:authenticated']) {
  const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion];
  const resource = { group, version, resource: plural(object.kind) };
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: randomUUID(),
      kind: { group, version, kind: object.kind },
      resource,
      requestKind: { group, version, kind: object.kind },
      requestResource: resource,
      name: object.metadata.name,
      namespace: object.kind === 'Namespace' ? object.metadata.name : object.metadata.namespace,
      operation: 'CREATE',
      userInfo: { username: user, groups },
      object,
      oldObject: null,
      dryRun: false,
      options: { apiVersion: 'meta.k8s.io/v1', kind: 'CreateOptions' },
    },
  };
}

function plural(kind: string) {
  return kind.toLowerCase().replace(/y$/, 'ie').replace(/s$/, 'se') + 's';
}

/** judge asks the real HTTPS endpoint, trusting nothing but the development certificate. */
export async function judge(server: Server, object: Manifest, user: string): Promise<Verdict> {
  const question = admissionReview(object, user);
  const { status, body } = await post(server, '/validate', JSON.stringify(question));
  if (status !== 200) {
    throw new Error(`POST /validate: ${status}: ${body}`);
  }
  const answer = JSON.parse(body);
  if (answer.kind !== 'AdmissionReview' || answer.response.uid !== question.request.uid) {
    throw new Error(`not the answer to the question: ${body}`);
  }
  return answer.response;
}

/** post sends a body to the webhook's port. */
export async function post(server: Server, path: string, body: string | Buffer): Promise<{ status: number; body: string }> {
  return new Promise((done, fail) => {
    const request = https(
      server.webhook + path,
      { method: 'POST', ca: readFileSync(join(server.data, 'webhook', 'ca.crt')), headers: { 'Content-Type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => done({ status: response.statusCode!, body: text }));
      },
    );
    request.on('error', fail);
    request.end(body);
  });
}
