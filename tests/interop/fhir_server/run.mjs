// Sends what the feed makes of records to a FHIR server of another maker, and checks after every Bundle that just the right
// resources are left; validates every Bundle with three validators. Exit code 0: all is right.
//
//   node run.mjs                  to @medplum/fhir-router, which it starts
//   node run.mjs --server URL     to an R4 server that holds nothing yet
//
// Records come from the golden cases of tests/acceptance. build/dev/feed_bundles must be built.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { startServer } from './server.mjs';
import { problemsOf } from './validators.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');
const program = path.join(root, 'build/dev/feed_bundles');
const goldenCases = path.join(root, 'tests/acceptance');
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

// The records that go out in each golden case, in the order of its steps. Cases share record ids, so each gets its own.
function goldenLives() {
  return fs.readdirSync(goldenCases).sort().map((name) => {
    const folder = path.join(goldenCases, name, 'expected');
    const files = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
    const records = files.flatMap((file) =>
      fs.readFileSync(path.join(folder, file), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line)));
    return records.map((record) => ({
      ...record,
      record_id: createHash('sha256').update(`${name} ${record.record_id}`).digest('hex')
    }));
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

async function search(baseUrl, query) {
  const answer = await fetch(new URL(query, baseUrl));
  const body = await answer.json();
  if (answer.status !== 200) {
    throw new Error(`GET ${query}: ${answer.status} ${JSON.stringify(body).slice(0, 300)}`);
  }
  return body;
}

// What the server holds in the places of these Bundles: every condition that they name is asked.
async function heldAt(baseUrl, places) {
  const found = await Promise.all([...places].map((place) => search(baseUrl, place)));
  return found.flatMap((bundle) => (bundle.entry ?? []).map((entry) => entry.resource));
}

async function check(baseUrl, bundle, places) {
  const expected = bundle.entry.filter((entry) => entry.request.method === 'PUT').map((entry) => entry.resource);
  const held = await heldAt(baseUrl, places);
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

async function countOf(baseUrl) {
  const counts = await Promise.all(types.map((type) => search(baseUrl, `${type}?_summary=count&_total=accurate`)));
  return counts.reduce((sum, bundle) => sum + bundle.total, 0);
}

// Sends the records of one life; gives what was wrong, and how many resources should be left.
async function live(baseUrl, records) {
  const problems = [];
  const placesOf = new Map(); // by record, since some cases have several
  const leftOf = new Map();
  for (const [index, bundle] of bundlesOf(records).entries()) {
    const { record_id: id, record_version: version } = records[index];
    const places = placesOf.get(id) ?? new Set();
    placesOf.set(id, places);
    bundle.entry.forEach((entry) => places.add(entry.request.url));
    leftOf.set(id, bundle.entry.filter((entry) => entry.request.method === 'PUT').length);
    const found = [...problemsOf(bundle), ...(await send(baseUrl, bundle)), ...(await check(baseUrl, bundle, places))];
    problems.push(...found.map((text) => `record ${id.slice(0, 8)}, version ${version}: ${text}`));
  }
  return { problems, left: [...leftOf.values()].reduce((sum, count) => sum + count, 0) };
}

const asked = process.argv.indexOf('--server');
const given = asked > 0 ? process.argv[asked + 1].replace(/\/*$/, '/') : undefined;
const lives = [exampleLife(), ...goldenLives()];
const problems = [];
const tally = { left: 0, held: 0 };
for (const records of lives) {
  const own = given ? undefined : await startServer(); // its searches look at everything: a small one is fast
  const { problems: found, left } = await live(given ?? own.baseUrl, records);
  problems.push(...found);
  tally.left += left;
  if (own) {
    tally.held += await countOf(own.baseUrl);
    own.server.close();
  }
}
if (given) {
  tally.held = await countOf(given);
}
if (tally.held !== tally.left) {
  problems.push(`the server holds ${tally.held} resources, ${tally.left} should be left`);
}
const sent = lives.reduce((sum, records) => sum + records.length, 0);
console.log(`${sent} Bundles of ${lives.length} lives sent, ${tally.held} resources left, ${problems.length} problems`);
[...new Set(problems)].slice(0, 40).forEach((text) => console.log(text));
process.exit(problems.length === 0 && sent > 0 ? 0 : 1);
