// Three independent validators of FHIR R4, each with what the others miss. See README.md for the errors of theirs that are
// known to be false.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const core = require('@medplum/core');
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

// Everything that is wrong with a Bundle and each resource in it, as lines.
export function problemsOf(bundle) {
  const resources = [bundle, ...bundle.entry.map((entry) => entry.resource).filter(Boolean)];
  return resources.flatMap((one) =>
    [...medplum(one), ...lantana(one), ...jsonSchema(one)].map((text) => `${one.resourceType} ${text}`)
  );
}
