// Sends what the feed makes of records to a FHIR server of another maker, and checks after every Bundle that just the right
// resources are left; validates every Bundle with three validators. Exit code 0: all is right.
//
//   node run.mjs [path of the feed_bundles program] [folder of golden cases]
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { startServer } from './server.mjs';
import { problemsOf } from './validators.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');
const program = process.argv[2] ?? path.join(root, 'build/dev/feed_bundles');
const goldenCases = process.argv[3] ?? path.resolve(root, '../shared/acceptance');
const system = 'urn:auditgate:record';
const types = ['List', 'Patient', 'Procedure', 'Condition', 'Observation', 'AdverseEvent'];

// create, amend, shrink, retract, return of the example record of the documentation.
function exampleLife() {
  const created = JSON.parse(fs.readFileSync(path.join(root, 'tests/data/feed/record.json'), 'utf8'));
  const version = (record, number, action) => ({ ...structuredClone(record), record_version: number, record_action: action });
  const amended = version(created, 2, 'amend');
  amended.selection.lesion_type = 'mixed';
  const shrunk = version(amended, 3, 'amend');
  shrunk.selection.metastasis_code = null;
  shrunk.safety = { occurred: 'unknown', events: [] };
  const retracted = version(shrunk, 4, 'retract');
  for (const section of ['patient', 'selection', 'procedure', 'efficacy', 'safety', 'follow_up', 'data_quality']) {
    retracted[section] = null;
  }
  return [created, amended, shrunk, retracted, version(created, 5, 'create')];
}

// The records that go out in each golden case, in the order of its steps.
function goldenLives() {
  if (!fs.existsSync(goldenCases)) {
    console.log(`skipped: no golden cases at ${goldenCases}`);
    return [];
  }
  return fs.readdirSync(goldenCases).sort().map((name) => {
    const folder = path.join(goldenCases, name, 'expected');
    const files = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
    return files.flatMap((file) =>
      fs.readFileSync(path.join(folder, file), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)));
  }).filter((records) => records.length > 0);
}

function bundlesOf(records) {
  const input = records.map((record) => JSON.stringify(record)).join('\n') + '\n';
  const ran = spawnSync(program, [path.join(root, 'config/feed')], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (ran.status !== 0) {
    throw new Error(`${program}: ${ran.stderr || ran.error}`);
  }
  return ran.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

const identifierOf = (resource) => [resource.identifier].flat().find((one) => one?.system === system)?.value;

// What the server holds of a record: identifier to resource.
async function heldOf(repository, recordId) {
  const held = [];
  for (const resourceType of types) {
    for (const resource of await repository.searchResources({ resourceType, count: 100_000 })) {
      if (identifierOf(resource)?.startsWith(recordId)) {
        held.push(resource);
      }
    }
  }
  return held;
}

async function check(repository, bundle) {
  const expected = bundle.entry.filter((entry) => entry.request.method === 'PUT').map((entry) => entry.resource);
  const recordId = identifierOf(expected[0]);
  const held = await heldOf(repository, recordId);
  const wrong = [];
  const names = (resources) => resources.map(identifierOf).sort().join(' ');
  if (names(held) !== names(expected)) {
    wrong.push(`left: ${names(held)}; expected: ${names(expected)}`);
  }
  const list = held.find((resource) => resource.resourceType === 'List');
  const ids = new Set(held.map((resource) => `${resource.resourceType}/${resource.id}`));
  for (const entry of list?.entry ?? []) {
    if (!ids.has(entry.item.reference)) {
      wrong.push(`the List names ${entry.item.reference}, which is not there`);
    }
  }
  if (JSON.stringify(held).includes('urn:uuid:')) {
    wrong.push('a reference of the Bundle was not resolved');
  }
  return wrong;
}

async function send(baseUrl, bundle) {
  const answer = await fetch(baseUrl, {
    method: 'POST',
    headers: { 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify(bundle)
  });
  const body = await answer.json();
  const good = answer.status === 200 && body.type === 'transaction-response' &&
    body.entry.length === bundle.entry.length && body.entry.every((entry) => entry.response.status.startsWith('2'));
  return good ? [] : [`answer ${answer.status}: ${JSON.stringify(body).slice(0, 500)}`];
}

const lives = [exampleLife(), ...goldenLives()];
let sent = 0;
const problems = [];
for (const records of lives) {
  const { server, repository, baseUrl } = await startServer(); // golden cases share record ids
  for (const [index, bundle] of bundlesOf(records).entries()) {
    const found = [...problemsOf(bundle), ...(await send(baseUrl, bundle)), ...(await check(repository, bundle))];
    problems.push(...found.map((text) => `record ${sent}, version ${records[index].record_version}: ${text}`));
    sent += 1;
  }
  server.close();
}
console.log(`${sent} Bundles of ${lives.length} lives sent, ${problems.length} problems`);
[...new Set(problems)].slice(0, 40).forEach((text) => console.log(text));
process.exit(problems.length === 0 && sent > 0 ? 0 : 1);
