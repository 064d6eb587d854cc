// A FHIR R4 server of another maker: @medplum/fhir-router on its in-memory repository, with validateResource in front, for
// the repository itself takes anything. A transaction that holds an invalid resource is refused whole.
import { createRequire } from 'node:module';
import http from 'node:http';

import { core } from './definitions.mjs';

const require = createRequire(import.meta.url);
const { FhirRouter, MemoryRepository } = require('@medplum/fhir-router');

const bodyBytesMax = 10_000_000;

function refuse(status, text) {
  const issue = [{ severity: 'error', code: 'invalid', details: { text } }];
  return [status, { resourceType: 'OperationOutcome', issue }];
}

// The search parameter that a conditional URL names must exist for its type, as on a strict server.
function unknownParameter(url) {
  const [type, query] = url.split('?');
  const name = query?.split('=')[0];
  return name !== undefined && !name.startsWith('_') && !core.getSearchParameters(type)?.[name];
}

async function handle(router, repository, method, url, text) {
  const body = text === '' ? undefined : JSON.parse(text);
  if (method === 'POST' && url === '/') {
    for (const entry of body.entry ?? []) {
      if (unknownParameter(entry.request.url)) {
        return refuse(400, `unknown search parameter in ${entry.request.url}`);
      }
      try {
        if (entry.resource) {
          core.validateResource(entry.resource);
        }
      } catch (error) {
        return refuse(422, error.message);
      }
    }
  }
  const request = { method, url, pathname: '', headers: {}, params: {}, query: {}, body };
  const [outcome, resource] = await router.handleRequest(request, repository);
  return [core.getStatus(outcome), resource ?? outcome];
}

// Listens on a free port; gives the server, its base URL and the repository behind it.
export async function startServer() {
  const repository = new MemoryRepository();
  const router = new FhirRouter({ introspectionEnabled: false });
  const server = http.createServer((request, response) => {
    const chunks = [];
    let size = 0;
    request.on('data', (chunk) => {
      size += chunk.length;
      if (size > bodyBytesMax) {
        request.destroy();
      }
      chunks.push(chunk);
    });
    request.on('end', async () => {
      let answer;
      try {
        answer = await handle(router, repository, request.method, request.url, Buffer.concat(chunks).toString());
      } catch (error) {
        answer = refuse(500, String(error));
      }
      response.writeHead(answer[0], { 'Content-Type': 'application/fhir+json' });
      response.end(JSON.stringify(answer[1]));
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, repository, baseUrl: `http://127.0.0.1:${server.address().port}/` };
}
