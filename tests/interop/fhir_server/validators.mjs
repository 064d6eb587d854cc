// Three independent validators of FHIR R4, each with what the others miss. See README.md for the errors of theirs that are
// known to be false.
import { createRequire } from 'node:module';

import { core } from './definitions.mjs';

const require = createRequire(import.meta.url);
const { Fhir, ParseConformance } = require('fhir');
const JSONSchemaValidator = require('@asymmetrik/fhir-json-schema-validator');

const fhirJs = new Fhir(new ParseConformance(true));
const schema = new JSONSchemaValidator();

function medplum(resource) {
  try {
    core.validateResource(resource);
    return [];
  } catch (error) {
    return [`medplum: ${error.message}`];
  }
}

function lantana(resource) {
  const result = fhirJs.validate(resource, { errorOnUnexpected: true });
  return (result.messages ?? [])
    .filter((message) => message.severity === 'error')
    .map((message) => `fhir: ${message.location} ${message.message}`)
    .filter((text) => !isKnownFalse(text));
}

function jsonSchema(resource) {
  return (schema.validate(resource) ?? []).map((error) => `schema: ${error.dataPath} ${error.message}`);
}

// `fhir` takes a urn:uuid: reference inside a Bundle for a resource type of that name.
function isKnownFalse(text) {
  return /Invalid type for reference/i.test(text) && /urn/i.test(text);
}

// Resources that differ in ids alone are validated once.
const validated = new Map();

function problemsOfOne(resource) {
  const key = JSON.stringify(resource).replace(/[0-9a-f]{64}|[0-9a-f-]{36}/g, 'id');
  if (!validated.has(key)) {
    const found = [...medplum(resource), ...lantana(resource), ...jsonSchema(resource)];
    validated.set(key, found.map((text) => `${resource.resourceType} ${text}`));
  }
  return validated.get(key);
}

// Everything that is wrong with a Bundle and each resource in it, as lines.
export function problemsOf(bundle) {
  return [bundle, ...bundle.entry.map((entry) => entry.resource).filter(Boolean)].flatMap(problemsOfOne);
}
