// Sends HL7 v2 files with npm's @medplum/hl7 over one connection and prints MSA-1 and MSA-2 of each answer.
//   node send_medplum.js HOST PORT FILE...
const fs = require('node:fs');
const { Hl7Message } = require('@medplum/core');
const { Hl7Client } = require('@medplum/hl7');

async function main([host, port, ...files]) {
  const client = new Hl7Client({ host, port: Number(port), keepAlive: true });
  for (const file of files) {
    const answer = await client.sendAndWait(Hl7Message.parse(fs.readFileSync(file, 'utf8')), { timeoutMs: 10000 });
    const msa = answer.getSegment('MSA');
    console.log(`MSA|${msa.getField(1)}|${msa.getField(2)}`);
  }
  await client.close();
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error.message);
  process.exit(1);
});
